"""Tables in an HTML page, as notebooks render them; nothing outside the page is ever fetched."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path

import polars as pl

from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.table import (
    BLANK_WORDS,
    Table,
    Wanted,
    check_shape,
    clean,
    frame_of,
    no_table,
    shown,
    unique_names,
)
from moodtune.tables.text import undo_guards

#: What pandas and polars put where they cut a cell, or leave rows and columns out.
_CUT = ("...", "…")
_BITE_CHARACTERS = 16_384
_TAG = re.compile("</?[a-zA-Z]")
#: A value in quotes as long as pictures are that stand in the page; nothing reads it.
_LONG_VALUE = re.compile(r'(<[a-zA-Z][^<>]{0,8192}?=")[^"<>]{4096,}(?=")')


@dataclass(slots=True)
class _Grid:
    """The rows of one table while it is read; the longest has ``width`` cells.

    ``head`` counts the rows that name the columns.
    """

    rows: list[list[str]] = field(default_factory=list)
    width: int = 0
    head: int = 0
    in_head: bool = False
    in_cell: bool = False
    merged: bool = False
    pieces: list[str] = field(default_factory=list)
    """What the open cell says so far; joined once, as a cell of many tags has many pieces."""
    characters: int = 0

    def end_cell(self) -> None:
        """Write down the cell that is open."""
        if self.in_cell:
            self.rows[-1][-1] = "".join(self.pieces)
            self.in_cell = False
        self.pieces, self.characters = [], 0


def read_page(path: Path, limits: TableLimits, wanted: Wanted | None = None) -> Table:
    """Read the first table of an HTML page whose column names are ``wanted``.

    A page whose cells were cut with ``...`` when it was rendered is refused. Raises `TableError`,
    and `HostileTableError` beyond ``limits``.
    """
    where = shown(path)
    content = _content(path, where, limits)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TableError(
            f"{where} line {line}: byte 0x{content[error.start]:02x} is not UTF-8; "
            "save the page in UTF-8, or the table as CSV"
        ) from error
    text = _LONG_VALUE.sub(r"\1", text)
    headers = []
    for grid in _grids(where, text, limits):
        names = _names(where, grid)
        if wanted is None or wanted(names):
            frame = _frame(where, grid, names, limits)
            sha256 = hashlib.sha256(content).hexdigest()
            return Table(name=path.name, sha256=sha256, frame=frame, kind="html")
        headers.append(names)
    raise no_table(where, "table", headers)


def _content(path: Path, where: str, limits: TableLimits) -> bytes:
    with path.open("rb") as file:
        content = file.read(limits.page_bytes + 1)
    if len(content) > limits.page_bytes:
        raise HostileTableError(
            f"{where}: it is larger than {limits.page_bytes:,} bytes, the limit for a page; "
            "export the table itself as CSV"
        )
    # Told before anything is parsed; a few signs that begin no tag count too.
    if content.count(b"<") > limits.page_tags:
        raise _too_many(where, "tags", limits.page_tags)
    return content


def _too_many(where: str, what: str, limit: int) -> HostileTableError:
    return HostileTableError(
        f"{where}: it has more than {limit:,} {what}, the limit for a page; "
        "export the table itself as CSV"
    )


def _grids(where: str, text: str, limits: TableLimits) -> Iterator[_Grid]:
    """Yield the tables of a page as they end, those with anything in them."""
    parser = _TableParser(where, limits)
    start = 0
    while start < len(text):
        # The parser begins anew with what it could not finish, so bites grow with that.
        end = start + max(_BITE_CHARACTERS, len(parser.rawdata))
        parser.feed(text[start:end])
        parser.check_unfinished()
        start = end
        yield from parser.take()
    parser.end_all()
    yield from parser.take()


class _TableParser(HTMLParser):
    """Gathers the text of table cells; all else on a page is skipped.

    `HTMLParser` keeps no tree and reads no declarations of entities, so the only things that can
    grow are counted here: tables, tables inside tables, attributes, the length of one tag, and the
    text of one cell. It is never closed: what is left unfinished at the end of a page is no table.
    """

    def __init__(self, where: str, limits: TableLimits) -> None:
        super().__init__(convert_charrefs=True)
        self._where = where
        self._limits = limits
        self._open: list[_Grid] = []
        self._done: list[_Grid] = []
        self._tables = 0
        self._attributes = 0

    def take(self) -> list[_Grid]:
        """Return the tables that ended since the last call."""
        done, self._done = self._done, []
        return [grid for grid in done if any(grid.rows)]

    def end_all(self) -> None:
        """End the tables that the page leaves open."""
        while self._open:
            self._end_table()

    def check_unfinished(self) -> None:
        """Refuse a tag that goes on and on; scripts and comments may, as they cost nothing."""
        is_tag = self.cdata_elem is None and _TAG.match(self.rawdata)
        if is_tag and len(self.rawdata) > self._limits.tag_characters:
            raise HostileTableError(
                f"{self._where}: a tag has more than {self._limits.tag_characters:,} characters, "
                "the limit; export the table itself as CSV"
            )

    def handle_decl(self, decl: str) -> None:
        """Refuse a document type that declares anything of its own."""
        if "[" in decl or "entity" in decl.lower():
            raise HostileTableError(
                f"{self._where}: it declares entities of its own, as no rendered page does; "
                "export the table itself as CSV"
            )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, row or cell."""
        self._count_attributes(len(attrs))
        if tag == "table":
            self._begin_table()
        elif not self._open:
            return
        elif tag in {"td", "th"}:
            self._begin_cell(dict(attrs))
        elif tag == "tr":
            self._begin_row()
        elif tag in {"thead", "tbody", "tfoot"}:
            self._open[-1].in_head = tag == "thead"
        elif tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a table, row or cell."""
        if not self._open:
            return
        grid = self._open[-1]
        if tag == "table":
            self._end_table()
        elif tag in {"td", "th", "tr"}:
            grid.end_cell()
        elif tag == "thead":
            grid.in_head = False

    def handle_data(self, data: str) -> None:
        """Add text to the cell that is open."""
        if not self._open or not self._open[-1].in_cell:
            return
        grid = self._open[-1]
        grid.characters += len(data)
        if grid.characters > self._limits.cell_characters:
            raise HostileTableError(
                f"{self._where}: a cell has more than {self._limits.cell_characters:,} "
                "characters, the limit; export the table itself as CSV"
            )
        grid.pieces.append(data)

    def _begin_table(self) -> None:
        self._tables += 1
        if self._tables > self._limits.page_tables:
            raise _too_many(self._where, "tables", self._limits.page_tables)
        if len(self._open) >= self._limits.nesting:
            raise HostileTableError(
                f"{self._where}: more than {self._limits.nesting} tables stand inside each "
                "other, the limit; export the table itself as CSV"
            )
        self._open.append(_Grid())

    def _end_table(self) -> None:
        self._open[-1].end_cell()
        self._done.append(self._open.pop())

    def _begin_row(self) -> None:
        grid = self._open[-1]
        grid.end_cell()
        grid.rows.append([])
        grid.head += grid.in_head
        self._check_span(grid)

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        grid = self._open[-1]
        grid.end_cell()
        if not grid.rows:
            self._begin_row()
        spans = {attributes.get("colspan"), attributes.get("rowspan")}
        grid.merged |= not spans <= {None, "1"}
        grid.in_cell = True
        grid.rows[-1].append("")
        grid.width = max(grid.width, len(grid.rows[-1]))
        check_shape(self._where, columns=grid.width, rows=0, limits=self._limits)
        if len(grid.rows[-1]) == grid.width:
            self._check_span(grid)

    def _check_span(self, grid: _Grid) -> None:
        """Refuse a table that one long row makes many times larger than what is written of it."""
        if len(grid.rows) * grid.width > self._limits.page_tags:
            raise HostileTableError(
                f"{self._where}: a table spans more than {self._limits.page_tags:,} cells, the "
                "limit for a page; export the table itself as CSV"
            )

    def _count_attributes(self, count: int) -> None:
        self._attributes += count
        if self._attributes > self._limits.page_attributes:
            raise _too_many(self._where, "attributes of tags", self._limits.page_attributes)


def _names(where: str, grid: _Grid) -> list[str]:
    """Return the column names; pandas puts the index's name into a second row of the head."""
    grid.rows = [row for row in grid.rows if row]
    grid.head = max(grid.head, 1)
    columns = list(zip_longest(*grid.rows[: grid.head], fillvalue=""))
    told = [[part.strip() for part in column if part.strip()] for column in columns]
    if any(len(parts) > 1 for parts in told[1:]):
        raise TableError(
            f"{where}: a table has several rows of column names; export it as CSV with one"
        )
    names = [parts[-1] if parts else "" for parts in told]
    return unique_names(undo_guards(pl.Series(names, dtype=pl.String)))


def _frame(where: str, grid: _Grid, names: list[str], limits: TableLimits) -> pl.DataFrame:
    rows = grid.rows[grid.head :]
    check_shape(where, columns=len(names), rows=len(rows), limits=limits)
    if grid.merged:
        raise TableError(f"{where}: cells of its table are merged; export the whole table as CSV")
    for number, row in enumerate(rows, start=1):
        if len(row) > len(names):
            raise TableError(
                f"{where}: row {number} of its table has {len(row)} cells and the header has "
                f"{len(names)}; export the whole table as CSV"
            )
    _refuse_cut_cells(where, names, rows)
    columns = list(zip_longest(*rows, fillvalue="")) or [()] * len(names)
    columns += [("",) * len(rows)] * (len(names) - len(columns))
    frame = frame_of(
        [pl.Series(n, c, dtype=pl.String) for n, c in zip(names, columns, strict=True)]
    )
    return clean(frame, where, limits, blanks=BLANK_WORDS)


def _refuse_cut_cells(where: str, names: list[str], rows: list[list[str]]) -> None:
    """Refuse a table that was shortened for the eye: what is left of a cell is not an answer."""
    cells = [cell for row in [names, *rows] for cell in row]
    cut = sum(cell.strip().endswith(_CUT) for cell in cells)
    if cut:
        raise TableError(
            f'{where}: {cut} of its cells were cut with "..." when the page was rendered; export '
            "the whole table as CSV, or render it again with pandas' display.max_colwidth, "
            "display.max_rows and display.max_columns set to None"
        )
