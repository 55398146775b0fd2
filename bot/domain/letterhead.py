"""What stands on top of a practice's documents beside its name."""

from dataclasses import dataclass
from typing import Literal

LogoKind = Literal["png", "jpeg", "svg"]


@dataclass(frozen=True, slots=True)
class Logo:
    """An image as the practice gave it. `kind` is what the bytes are, whatever the file was called.

    `width` and `height` are pixels, 0 for a drawing (svg).
    """

    kind: LogoKind
    data: bytes
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Address, telephone and the like, a line each, and the practice's logo when it has one."""

    lines: tuple[str, ...] = ()
    logo: Logo | None = None


NO_LETTERHEAD = Letterhead()
