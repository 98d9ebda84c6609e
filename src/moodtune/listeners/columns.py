"""Column names of behavior tables: the same letters are the same name."""

import difflib
from collections.abc import Iterable, Sequence

#: What an id column is called, spaces, case and signs between the words aside.
ID_NAMES = frozenset(
    {"id", "uid", "uuid", "guid", "user", "listener", "respondent", "participant"}
    | {
        f"{who}{what}"
        for who in ("user", "listener", "respondent", "response", "participant", "person", "survey")
        for what in ("id", "no", "nr", "number")
    }
)

#: Letters that a name must have to say anything inside a longer one.
_TELLING = 4


def letters(name: str) -> str:
    """Return a column name without what people vary: case, spaces, underscores and hyphens.

    >>> letters(" Music_influencial mood")
    'musicinfluencialmood'
    """
    return "".join(c for c in name.casefold() if not c.isspace() and c not in "_-")


def find_columns(wanted: Iterable[str], given: Sequence[str]) -> dict[str, str]:
    """Return the given name of each wanted column: the same name, else the same letters."""
    alike = {letters(name): name for name in reversed(given)}
    exact = set(given)
    found = {
        name: name if name in exact else alike.get(letters(name)) for name in dict.fromkeys(wanted)
    }
    return {name: at for name, at in found.items() if at is not None}


def nearest(name: str, given: Sequence[str]) -> str:
    """Return the end of a sentence that says which given column ``name`` may have meant."""
    by_letters = {letters(column): column for column in reversed(given)}
    wanted = letters(name)
    # A name inside the other one, as mood is, says more than letters that are alike by chance.
    close = [part for part in by_letters if len(part) >= _TELLING and part in wanted]
    close = [max(close, key=len)] if close else []
    close += [longer for longer in by_letters if wanted and wanted in longer]
    close += difflib.get_close_matches(wanted, by_letters, n=1, cutoff=0.5)
    if close:
        return f"did you mean {by_letters[close[0]]!r}?"
    shown = ", ".join(repr(column) for column in given[:8])
    return f"its columns are {shown}" + (" ..." if len(given) > 8 else "")  # noqa: PLR2004 -- a line
