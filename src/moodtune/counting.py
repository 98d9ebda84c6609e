"""How far long work is, for whoever looks on."""

from collections.abc import Callable
from typing import TypeAlias

#: Told the name of each stage as it begins.
Announce: TypeAlias = Callable[[str], None]

#: Told what is done, to how many of it, and of how many.
Count: TypeAlias = Callable[[str, int, int], None]


def uncounted(what: str, done: int, of: int) -> None:
    """Tell nobody."""
