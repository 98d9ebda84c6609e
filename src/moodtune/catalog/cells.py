"""What a single cell of a track table says: lists of names, ids, numbers, dates, yes or no."""

import re

import polars as pl

from moodtune.catalog.schema import KEY, MODE

NAMES = pl.List(pl.String())
_NO_NAMES = pl.lit([], dtype=NAMES)

_ID_PREFIX = r"^(?:spotify:track:|https?://open\.spotify\.com/(?:intl-[a-z-]+/)?(?:embed/)?track/)"
_YEAR_FIRST = r"^(\d{4})(?:\d{4})?(?:\D|$)"
_YEAR_LAST = r"\D(\d{4})$"

#: Cells that some tables use instead of numbers.
_PITCHES = ("c", "c# db", "d", "d# eb", "e", "f", "f# gb", "g", "g# ab", "a", "a# bb", "b")
_WORDS: dict[str, dict[str, float]] = {
    KEY: {n: float(pitch) for pitch, spelt in enumerate(_PITCHES) for n in spelt.split()},
    MODE: {"minor": 0.0, "major": 1.0},
}
_YES_NO = {
    **dict.fromkeys(("true", "t", "yes", "1", "1.0"), True),
    **dict.fromkeys(("false", "f", "no", "0", "0.0"), False),
}

# A list as Python prints it. The plain kind, all in single quotes and no escapes, is the usual
# one and needs no parser; the other kind is read literal by literal, and nothing is evaluated.
_PLAIN_LIST = r"^\[\s*(?:'[^'\\]*'\s*(?:,\s*'[^'\\]*'\s*)*,?\s*)?\]$"
_PLAIN_ITEM = r"'[^'\\]*'"
_LITERAL = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_ANY_LIST = re.compile(
    rf"\[\s*(?:(?:{_LITERAL})\s*(?:,\s*(?:{_LITERAL})\s*)*(?:,\s*)?)?\]", re.DOTALL
)
_ANY_ITEM = re.compile(_LITERAL, re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|[nrt'\"\\])")
_NAMED_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def text(column: str) -> pl.Expr:
    """Return the column as text; tables come with their cells stripped, blank ones null."""
    return pl.col(column).cast(pl.String, strict=False)


def track_id(column: str) -> pl.Expr:
    """Return ids without Spotify's ``spotify:track:`` or web address around them."""
    bare = text(column).str.replace(_ID_PREFIX, "")
    # Only a web address can carry a query or a slash, and only its part before them is the id.
    is_address = text(column).str.starts_with("http")
    return pl.when(is_address).then(bare.str.replace(r"/?(?:[?#].*)?$", "")).otherwise(bare)


def number(column: str, dtype: pl.DataType) -> pl.Expr:
    """Return the column as Float64: null where it is no number, NaN where it says so itself."""
    if dtype == pl.Duration:
        return pl.col(column).dt.total_milliseconds(fractional=True)
    if dtype.is_temporal():
        return pl.lit(None, dtype=pl.Float64)
    value = pl.col(column).cast(pl.Float64, strict=False)
    if column in _WORDS and dtype == pl.String:
        word = pl.col(column).str.to_lowercase().replace_strict(_WORDS[column], default=None)
        value = pl.coalesce(value, word)
    return value


def year_of(column: str) -> pl.Expr:
    """Return the year that a date begins or ends with, null where it has none."""
    date = text(column)
    return pl.coalesce(date.str.extract(_YEAR_FIRST), date.str.extract(_YEAR_LAST)).cast(pl.Float64)


def yes_no(column: str, dtype: pl.DataType) -> pl.Expr:
    """Return True, False, or null where the cell is blank or neither."""
    if dtype == pl.Boolean:
        return pl.col(column)
    said = text(column).str.to_lowercase()
    return said.replace_strict(_YES_NO, default=None, return_dtype=pl.Boolean)


def names(cells: pl.Series) -> pl.Series:
    """Split cells into lists of names; never null, empty where the cell is blank.

    ``A;B`` and ``['A', 'B']`` are two names, ``A, B`` is one. A list column stays as it is.
    """
    if isinstance(cells.dtype, pl.List):
        return _tidy(cells.cast(NAMES))
    cells = cells.cast(pl.String)
    split = _split(cells)
    bracketed = cells.str.starts_with("[").fill_null(value=False)
    if not bracketed.any():
        return split
    distinct = cells.filter(bracketed).unique()
    listed = pl.DataFrame({"cell": distinct, "names": _listed(distinct)})
    asked = cells.alias("cell").to_frame()
    found = asked.join(listed, on="cell", how="left", maintain_order="left")["names"]
    return found.zip_with(bracketed, split).alias(cells.name)


def _split(cells: pl.Series) -> pl.Series:
    """Split at semicolons; the usual cell has none, and none is split in two passes."""
    is_untidy = cells.str.contains(r"\s;|;[\s;]|^;|;$").fill_null(value=False)
    if is_untidy.any():
        tidied = cells.str.replace_all(r"\s*;[\s;]*", ";").str.strip_chars(";").str.strip_chars()
        cells = tidied.zip_with(is_untidy, cells).alias(cells.name)
    cell = pl.col(cells.name)
    split = pl.when(cell != "").then(cell.str.split(";")).otherwise(_NO_NAMES)
    return cells.to_frame().select(split.alias(cells.name)).to_series()


def _tidy(lists: pl.Series) -> pl.Series:
    """Strip each name, drop blank ones, and make a missing list an empty one."""
    stripped = pl.element().str.strip_chars()
    column = pl.col(lists.name).list.eval(stripped.filter(stripped != ""))
    return lists.to_frame().select(column.fill_null(_NO_NAMES)).to_series()


def _listed(cells: pl.Series) -> pl.Series:
    """Read distinct cells that begin with a bracket; one that is no list is a name as it is."""
    is_plain = cells.str.contains(_PLAIN_LIST)
    plain = cells.str.extract_all(_PLAIN_ITEM).list.eval(pl.element().str.slice(1).str.head(-1))
    if is_plain.all():
        return _tidy(plain)
    odd = pl.Series(
        [None if p else _parsed(c) for c, p in zip(cells, is_plain, strict=True)], dtype=NAMES
    )
    return _tidy(plain.zip_with(is_plain, odd))


def _parsed(cell: str) -> list[str]:
    if not _ANY_LIST.fullmatch(cell):
        return [part.strip() for part in cell.split(";")]
    return [_ESCAPE.sub(_unescaped, item[1:-1]) for item in _ANY_ITEM.findall(cell)]


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] in "xuU":
        point = int(code[1:], 16)
        return "\N{REPLACEMENT CHARACTER}" if 0xD800 <= point < 0xE000 else chr(point)  # noqa: PLR2004 - surrogates are no text
    return _NAMED_ESCAPES.get(code, code)
