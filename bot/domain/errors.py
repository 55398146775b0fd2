"""What can go wrong, by what the caller must do about it.

AfternoteError
├── UserMistake   tell the person, kindly, what to do (the sentence is safe to show)
├── NotAllowed    this person may not do this
├── Stale         somebody (perhaps they themselves) changed the note meanwhile
├── NotFound      no such note for this practice
└── EffectError   an outside effect did not happen as asked
    ├── Temporary   try again, later
    ├── Permanent   trying again cannot help
    ├── Conflict    the place already holds something else under this key
    └── Unknown     the answer was lost: look before sending again

No message of these holds clinical text: they reach logs.
"""


class AfternoteError(Exception):
    """Root of all errors this product raises on purpose."""


class UserMistake(AfternoteError):
    """Something a person can put right. `code` is for the log, `sentence` is for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


class NotAllowed(UserMistake):
    """The person has no permission for this act."""


class Stale(UserMistake):
    """The note moved on since the person opened it."""


class NotFound(UserMistake):
    """No such note in this practice."""


class EffectError(AfternoteError):
    """An effect outside our database did not happen as asked. `code` is safe to log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Temporary(EffectError):
    """Try again later; `retry_after` in seconds when the other side said so."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.retry_after = retry_after


def may_have_come(error: "EffectError") -> bool:
    """Whether what was asked may have happened all the same: the other side took it, or not, and did not answer."""
    return error.code.endswith("_timeout")


class Permanent(EffectError):
    """Trying again cannot help; a person has to change something."""


class Conflict(EffectError):
    """The place already holds other content under this key. `reference` names it there."""

    def __init__(self, code: str, reference: str) -> None:
        super().__init__(code)
        self.reference = reference


class Unknown(EffectError):
    """The answer was lost; the effect may have happened."""
