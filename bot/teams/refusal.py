"""Why a request to the Teams endpoint is not served. No text of a token or an activity is in these."""


class Refused(Exception):
    """Not from Microsoft, or not for us. `code` is for the log; the caller learns nothing but 401."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class KeysUnreachable(Exception):
    """Microsoft's signing keys cannot be fetched: nobody can tell who sent this. Worth another try."""
