"""Text from tables is data: how it is shown, and how it goes through a spreadsheet unharmed."""

import re
from collections.abc import Callable

import numpy as np
import polars as pl

# Invisible or reordering characters: C0 and C1 controls, soft hyphen, direction marks and
# overrides, zero-width spaces and joiners, separators, tags, and surrogates without a partner.
# Visible format characters (Arabic number signs) and variation selectors (emoji) are no part.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]"
)
#: Joiners have honest work between letters of some scripts (Persian, Hindi) and inside emoji.
_JOINERS = "\u200c\u200d"
_LAST_ASCII = "\x7f"


def literal(text: str) -> str:
    r"""Return ``text`` so that it shows as what it is, on one line, in any terminal or page.

    Control characters, direction overrides, zero-width characters and lone surrogates come out
    as escapes; letters of every script, accents and emoji stay. This is for showing: a backslash
    stays one, so the result cannot always be turned back. Markup is the business of whoever
    writes markup.

    >>> literal("a\x1b[31mb\u202ec")
    'a\\x1b[31mb\\u202ec'
    """
    # Nothing that is escaped counts as printable, so almost every text is done here.
    return text if text.isprintable() else _UNSAFE.sub(_escaped, text)


def quoted(text: str) -> str:
    """Return `literal` text in quotation marks, as a message names it; `repr` escapes twice."""
    return f"'{literal(text)}'"


def _escaped(match: re.Match[str]) -> str:
    """Return the escape of one character, or the character where it joins what it stands in."""
    character, start, end = match.group(), match.start(), match.end()
    if character in _JOINERS and start > 0 and end < len(match.string):
        beside = match.string[start - 1] + match.string[end]
        if all(n > _LAST_ASCII and not _UNSAFE.match(n) for n in beside):
            return character
    return repr(character)[1:-1]


#: What a spreadsheet may take for a formula (OWASP: CSV injection; = + - @ also full width), after
#: any number of guards and spaces, so that a guarded cell is guarded once more and comes back.
_FORMULA = r"^'*\s*[=+\-@\t\r\n＝＋－＠]"  # noqa: RUF001 -- the full-width signs are meant
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
GUARD = "'"

#: A name for one column at work: polars takes a name such as "^id$" for a pattern.
_TEXT = "text"


#: What a terminal that shows a CSV would obey: C0 and C1 controls but the tab and the line feed,
#: which are honest parts of a cell.
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
_CONTROLS = [chr(n) for n in (*range(0x20), *range(0x7F, 0xA0)) if chr(n) not in "\t\n"]
#: C0 controls are the bytes below the first; the delete is one byte of UTF-8, and C1 controls begin
#: with the other, as do some letters.
_FIRST_PRINTABLE, _DELETE_OR_C1 = 0x20, (b"\x7f", b"\xc2")
#: Bytes of texts that are put together to look at them.
_MOST_JOINED = 64 << 20


def escape_controls(frame: pl.DataFrame) -> pl.DataFrame:
    r"""Write the control characters in cells and column names as `literal` does: ``\x1b``.

    Tabs and line feeds stay, as do letters of every script. A backslash stays one, so this is
    not undone when the table is read. Only columns of strings are looked at.
    """
    return _each_text(frame, _controls_escaped)


def _controls_escaped(texts: pl.Series) -> pl.Series:
    # Hardly any column has one, and its bytes tell it in a fifth of the time.
    if _is_above_controls(texts) or not texts.alias(_TEXT).str.contains(_CONTROL).any():
        return texts
    escapes = [literal(character) for character in _CONTROLS]
    return texts.alias(_TEXT).str.replace_many(_CONTROLS, escapes).alias(texts.name)


def _is_above_controls(texts: pl.Series) -> bool:
    """Say whether no byte of any text can be of a control character; False for very long texts."""
    if texts.alias(_TEXT).str.len_bytes().sum() > _MOST_JOINED:
        return False
    data = texts.alias(_TEXT).str.join().cast(pl.Binary).item()
    lowest = np.frombuffer(data, np.uint8).min(initial=_FIRST_PRINTABLE)
    return bool(lowest >= _FIRST_PRINTABLE) and not any(lead in data for lead in _DELETE_OR_C1)


def guard_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Prefix every cell and column name that a spreadsheet could run as a formula with ``'``.

    Plain numbers stay as they are. Only columns of strings are looked at. `undo_guard` is the
    exact inverse, also for text that began with ``'`` before.
    """
    return _each_text(frame, _guarded)


def undo_guard(frame: pl.DataFrame) -> pl.DataFrame:
    """Take away the ``'`` that `guard_formulas` put before cells and column names."""
    return _each_text(frame, _unguarded)


def undo_guards(texts: pl.Series) -> pl.Series:
    """Take away the guards in one column of strings."""
    # Hardly any column has a guard, and looking for one is much cheaper than the pattern.
    has_guard = texts.alias(_TEXT).str.starts_with(GUARD).any()
    return _unguarded(texts) if has_guard else texts


def _each_text(frame: pl.DataFrame, change: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
    texts = [change(column) for column in frame.iter_columns() if column.dtype == pl.String]
    names = change(pl.Series(frame.columns, dtype=pl.String)).to_list()
    changed = frame.with_columns(texts)
    changed.columns = names
    return changed


def _guarded(texts: pl.Series) -> pl.Series:
    # Hardly any column has one, and what begins like a formula is found quickly.
    if not texts.alias(_TEXT).str.contains(_FORMULA).any():
        return texts
    column = pl.col(_TEXT)
    return (
        texts.alias(_TEXT)
        .to_frame()
        .select(pl.when(_is_formula(column)).then(pl.lit(GUARD) + column).otherwise(column))
        .to_series()
        .alias(texts.name)
    )


def _unguarded(texts: pl.Series) -> pl.Series:
    column = pl.col(_TEXT)
    rest = column.str.slice(1)
    return (
        texts.alias(_TEXT)
        .to_frame()
        .select(
            pl.when(column.str.starts_with(GUARD) & _is_formula(rest)).then(rest).otherwise(column)
        )
        .to_series()
        .alias(texts.name)
    )


def _is_formula(column: pl.Expr) -> pl.Expr:
    return column.str.contains(_FORMULA) & ~column.str.contains(_NUMBER)
