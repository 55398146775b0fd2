"""What asyncssh's errors come to. Their texts name paths, and a server may write into them what it likes."""

from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of

KIND = "sftp"
# By class, so that asyncssh is not imported for it; the first that fits, from the special to the general.
_CONNECTION: tuple[tuple[str, type[EffectError], Reason], ...] = (
    ("HostKeyNotVerifiable", Permanent, Reason.UNTRUSTED),
    ("PermissionDenied", Permanent, Reason.NOT_ALLOWED),
    ("ChannelOpenError", Permanent, Reason.REFUSED),
    ("KeyExchangeFailed", Permanent, Reason.REFUSED),
    ("ProtocolNotSupported", Permanent, Reason.REFUSED),
    ("ProtocolError", Temporary, Reason.NONSENSE),
    ("SFTPError", Temporary, Reason.BROKEN),
    ("ValueError", Permanent, Reason.UNEXPECTED),
)
_OPERATION: tuple[tuple[str, type[EffectError], Reason], ...] = (
    ("SFTPPermissionDenied", Permanent, Reason.NOT_ALLOWED),
    ("SFTPNoSuchFile", Permanent, Reason.NO_PLACE),
    ("SFTPNoSuchPath", Permanent, Reason.NO_PLACE),
    ("SFTPNotADirectory", Permanent, Reason.REFUSED),
    ("SFTPInvalidFilename", Permanent, Reason.REFUSED),
    ("SFTPOpUnsupported", Permanent, Reason.REFUSED),
    ("SFTPWriteProtect", Permanent, Reason.READ_ONLY),
    ("SFTPNoSpaceOnFilesystem", Temporary, Reason.FULL),
    ("SFTPQuotaExceeded", Temporary, Reason.FULL),
    ("SFTPNoMedia", Temporary, Reason.AWAY),
    ("SFTPLockConflict", Temporary, Reason.BUSY),
    ("SFTPBadMessage", Temporary, Reason.NONSENSE),
    ("TimeoutError", Temporary, Reason.TIMEOUT),
)
_LOST = ("SFTPConnectionLost", "SFTPNoConnection", "DisconnectError", "BrokenPipeError", "ConnectionError")


def of_connection(error: Exception) -> EffectError:
    """A connection that did not come to be: nothing was sent."""
    return _first(error, _CONNECTION, Temporary(code_of(KIND, Reason.UNREACHABLE)))


def of_operation(error: Exception) -> EffectError:
    """A request that was refused, or whose answer was lost."""
    status = getattr(error, "code", "")
    return _first(error, _OPERATION, Temporary(code_of(KIND, Reason.BROKEN, status if type(status) is int else "")))


def was_lost(error: Exception) -> bool:
    """Whether the connection broke under the request."""
    return any(name in _LOST for name in _names(error))


def _first(
    error: Exception, known: tuple[tuple[str, type[EffectError], Reason], ...], otherwise: EffectError
) -> EffectError:
    names = _names(error)
    return next((kind(code_of(KIND, reason)) for name, kind, reason in known if name in names), otherwise)


def _names(error: Exception) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}
