"""What smbprotocol's errors come to, by NTSTATUS. Their texts name paths."""

from collections.abc import Mapping

from bot.domain.errors import EffectError, Permanent, Temporary
from bot.domain.filing import Reason, code_of

KIND = "smb"
ACCESS_DENIED = 0xC0000022
NAME_COLLISION = 0xC0000035
NOT_FOUND = (0xC0000034, 0xC000003A, 0xC000000F, 0xC0000225)
NO_LINKS = (0xC00000BB, 0xC0000010, 0xC0000002, 0xC0000003, 0xC0000265)
_LOST_STATUS = (0xC00000C9, 0xC0000203, 0xC000035C, 0xC000020C, 0xC0000128, 0xC0000008)
_STATUS: Mapping[Reason, tuple[int, ...]] = {
    Reason.NOT_ALLOWED: (
        *(ACCESS_DENIED, 0xC000006A, 0xC000006D, 0xC000006E, 0xC000006F, 0xC0000070, 0xC0000071, 0xC0000072),
        *(0xC0000224, 0xC0000234, 0xC000015B, 0xC0000193, 0xC0000121, 0xC0000061),
    ),
    Reason.NO_PLACE: (0xC00000CC, *NOT_FOUND),
    Reason.FULL: (0xC000007F, 0xC0000044),
    Reason.BUSY: (0xC0000043, 0xC0000054, 0xC0000055, 0xC0000056, 0xC00000D0, 0xC000009A, 0xC0000205),
    Reason.READ_ONLY: (0xC00000A2,),
    Reason.TIMEOUT: (0xC00000B5,),
    Reason.AWAY: (0xC0000013, 0xC000026E),
    Reason.REFUSED: (0xC0000033, 0xC0000039, 0xC000003B, 0xC00000BA, 0xC0000103, 0xC000000D),
    Reason.TOO_LARGE: (0xC0000904,),
}
_PERMANENT = (Reason.NOT_ALLOWED, Reason.NO_PLACE, Reason.READ_ONLY, Reason.REFUSED, Reason.TOO_LARGE)


def status_of(error: BaseException) -> int:
    """The NTSTATUS that a server answered with, 0 when it did not answer."""
    status = getattr(error, "ntstatus", None) or getattr(error, "status", None)
    return status if isinstance(status, int) else 0


def of_operation(error: Exception) -> EffectError:
    """A request that was refused, or whose answer was lost."""
    status = status_of(error)
    if not status:
        return Temporary(code_of(KIND, Reason.BROKEN))
    reason = next((reason for reason, known in _STATUS.items() if status in known), Reason.BROKEN)
    kind: type[EffectError] = Permanent if reason in _PERMANENT else Temporary
    return kind(code_of(KIND, reason, f"{status:x}"))


def of_connection(error: Exception) -> EffectError:
    """A connection or a session that did not come to be: nothing was sent."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if status_of(error):
        return of_operation(error)
    if "SMBAuthenticationError" in names:
        return Permanent(code_of(KIND, Reason.NOT_ALLOWED))
    return Temporary(code_of(KIND, Reason.UNREACHABLE))


def was_lost(error: Exception) -> bool:
    """Whether connection or session ended under the request, so that another one may do."""
    if status := status_of(error):
        return status in _LOST_STATUS
    return True  # smbprotocol has many ways to say that its socket is gone, none of them an answer
