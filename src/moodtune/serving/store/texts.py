"""Which texts can be stored, and which name a listener."""

import unicodedata
from functools import lru_cache

from moodtune.errors import UsageError
from moodtune.tables.text import literal, quoted

MAX_LISTENER, MAX_TEXT = 64, 1_000
#: Of what an index holds: PostgreSQL's takes 2,700 bytes.
MAX_KEY = 200


@lru_cache(maxsize=4_096)
def listener_name(name: str) -> str:
    """Return a listener's name as it is stored; UsageError if it cannot be one.

    1 to 64 characters that are seen, and spaces between them; composed (NFC), so that a name is
    one name however it was typed.
    """
    composed = unicodedata.normalize("NFC", name)
    visible = all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in composed)
    if not 1 <= len(composed) <= MAX_LISTENER or not visible or composed != composed.strip():
        raise UsageError(
            f"a listener's name must be 1 to {MAX_LISTENER} visible characters, "
            f"got {quoted(name)}; choose another"
        )
    return composed


def playlist_name(name: str) -> str:
    """Return the name of a list; UsageError where it would not show as what it is.

    Spaces around it and letters of every script stay: it is its listener's own.
    """
    if not storable(name, "a playlist's name").strip() or literal(name) != name:
        raise UsageError(
            "a playlist's name must have something visible and nothing invisible or reordering "
            f"in it, got {quoted(name)}; choose another"
        )
    return name


def storable(text: str, what: str, *, most: int = MAX_TEXT) -> str:
    """Return ``text``; UsageError where no database could hold it, or it is too long."""
    if not is_storable(text, most=most):
        raise UsageError(
            f"{what} must be 1 to {most:,} characters of Unicode without NUL, "
            f"got {quoted(text[:most])}"
        )
    return text


def is_storable(text: str, *, most: int = MAX_TEXT) -> bool:
    """Return whether a database can hold ``text``, and it is neither empty nor too long."""
    if "\0" in text or not 1 <= len(text) <= most:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
