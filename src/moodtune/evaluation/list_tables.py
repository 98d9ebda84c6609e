"""Tables of lists and of what was relevant, as rows of a catalog; what does not fit is counted.

Lists     ``list,rank,track_id`` and, where there are, ``mood`` (what the place was asked for),
          ``listener`` and ``at`` (which lists are one person's, and in which order: a day or an
          RFC 3339 moment in UTC)
Relevant  ``list,track_id``: what each list was to hold
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.aliases import listed
from moodtune.errors import ColumnError, TableError
from moodtune.listeners.columns import find_columns
from moodtune.preferences.events import in_order
from moodtune.preferences.matching import bare_ids, id_column, track_rows
from moodtune.tables.limits import TableLimits
from moodtune.tables.reading import read_table
from moodtune.tables.table import Table
from moodtune.tables.text import literal, quoted

LIST, RANK, MOOD, LISTENER, AT = "list", "rank", "mood", "listener", "at"

#: What the columns are called, case, spaces and signs between the words aside.
_NAMES: Mapping[str, Sequence[str]] = {
    LIST: (LIST, "list id", "playlist"),
    RANK: (RANK, "place", "position"),
    MOOD: (MOOD,),
    LISTENER: (LISTENER, "listener id", "user", "user id"),
    AT: (AT,),
}
_ROW, _NUMBER = "row", "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedLists:
    """Lists of tracks of a catalog, in the order in which they were made.

    ``names``      of the lists, in order of ``at`` where there is such a column, else as read
    ``rows``       rows of the catalog, best first [shape=(n_lists, k)]; -1 for a track that the
                   catalog lacks or that the list has already named, and after the end of a list
    ``lengths``    places of each list [shape=(n_lists,)]
    ``moods``      what each place was asked for, None where the table does not say [shape as rows]
    ``listeners``  whose each list is, None where the table does not say
    ``counts``     what became of the places: read, unknown, repeated
    """

    names: tuple[str, ...]
    rows: NDArray[np.int64]
    lengths: NDArray[np.int64]
    moods: tuple[tuple[str, ...], ...] | None = None
    listeners: tuple[str, ...] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    def known(self, number: int) -> NDArray[np.int64]:
        """Return the rows of one list's tracks, each once, best first."""
        rows: NDArray[np.int64] = self.rows[number]
        return np.compress(rows >= 0, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevant:
    """The rows that each list was to hold, in the order of the lists; and what fits nowhere."""

    rows: tuple[NDArray[np.int64], ...]
    counts: Mapping[str, int]


def read_lists(
    path: Path, tracks: pl.DataFrame, *, at: int | None = None, limits: TableLimits | None = None
) -> RankedLists:
    """Read a table of lists; ``at``: count only so many places of each.

    Raises ColumnError where a column is missing, TableError for a rank that is no whole number
    from 1 or that a list has twice, for a time that is none, where no row names a track of the
    catalog, and for a file that cannot be read.
    """
    table = read_table(path, limits=limits or TableLimits())
    return lists_of(table, tracks, at=at)


def lists_of(table: Table, tracks: pl.DataFrame, *, at: int | None = None) -> RankedLists:
    """Return the lists of a table that was read; see `read_lists`."""
    places = _places(table, tracks)
    if places.height and places[_ROW].null_count() == places.height:
        raise TableError(
            f"{literal(table.name)}: none of its {places.height:,} rows names a track of the "
            "catalog; check that both have the same kind of track id"
        )
    names = _in_order(places)
    places = places.join(
        pl.DataFrame({LIST: names}).with_row_index(_NUMBER), on=LIST, maintain_order="left"
    ).sort(_NUMBER, RANK)
    if at is not None:
        places = places.filter(pl.int_range(pl.len()).over(_NUMBER) < at)
    repeated = (pl.int_range(pl.len()).over(_NUMBER, _ROW) > 0) & pl.col(_ROW).is_not_null()
    places = places.with_columns(repeated.alias("repeated"))
    lengths = places.group_by(_NUMBER).len().sort(_NUMBER)["len"].to_numpy().astype(np.int64)
    rows = np.full((len(names), int(lengths.max(initial=0))), -1, dtype=np.int64)
    kept = pl.when(pl.col("repeated")).then(None).otherwise(pl.col(_ROW)).fill_null(-1)
    rows[np.arange(rows.shape[1]) < lengths[:, None]] = places.select(kept).to_series().to_numpy()
    return RankedLists(
        names=tuple(names),
        rows=rows,
        lengths=lengths,
        moods=_by_list(places, MOOD),
        listeners=_one_each(places, LISTENER, table.name),
        counts={
            "places": places.height,
            "not_in_catalog": int(places[_ROW].null_count()),
            "repeated_in_list": int(places["repeated"].sum()),
        },
    )


def _places(table: Table, tracks: pl.DataFrame) -> pl.DataFrame:
    """Return a row per place: list, rank, row of the catalog, and what else the table says."""
    frame, where = table.frame, literal(table.name)
    found = {name: find_columns(_NAMES[name], frame.columns) for name in _NAMES}
    columns = {name: next(iter(at.values())) for name, at in found.items() if at}
    for name in (LIST, RANK):
        if name not in columns:
            raise ColumnError(
                f"{where}: expected a column {name!r}, and there is none; "
                f"its columns are: {listed(frame.columns)}"
            )
    ids = bare_ids(frame, id_column(frame.columns, table.name))
    texts = [frame[at].cast(pl.String).alias(name) for name, at in columns.items() if name != RANK]
    texts = [_times(column, where) if column.name == AT else column for column in texts]
    ranks = frame[columns[RANK]].cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    places = pl.DataFrame([*texts, ranks.alias(RANK), track_rows(ids, tracks).cast(pl.Int64)])
    wrong = places.with_row_index("at_row", offset=1).filter(
        pl.col(LIST).is_null()
        | ~(pl.col(RANK) >= 1).fill_null(value=False)
        | (pl.col(RANK) % 1 != 0).fill_null(value=True)
    )
    if wrong.height:
        raise TableError(
            f"{where} row {wrong['at_row'][0]}: expected the name of a list and a rank that is a "
            f"whole number from 1"
        )
    doubled = places.filter(pl.struct(LIST, RANK).is_duplicated())
    if doubled.height:
        raise TableError(
            f"{where}: the list {quoted(doubled[LIST][0])} has the rank "
            f"{doubled[RANK][0]:g} twice; give each track a rank of its own"
        )
    return places


def _times(column: pl.Series, where: str) -> pl.Series:
    """Return moments as text that sorts as they do."""
    said = column.unique().drop_nulls()
    found = {text: in_order(text) for text in said}
    for row, text in enumerate(column, start=1):
        if text is not None and found[text] is None:
            raise TableError(
                f"{where} row {row}: at must be a day or a moment in UTC, as in 2026-11-23 or "
                f"2026-11-23T18:30:00Z, got {quoted(text)}"
            )
    return column.replace_strict(found, return_dtype=pl.String)


def _in_order(places: pl.DataFrame) -> list[str]:
    """Return the names of the lists, the earliest first where the table says when."""
    names = places[LIST].unique(maintain_order=True)
    if AT not in places.columns:
        return names.to_list()
    first = places.group_by(LIST, maintain_order=True).agg(pl.col(AT).min())
    return first.sort(AT, nulls_last=True, maintain_order=True)[LIST].to_list()


def _by_list(places: pl.DataFrame, column: str) -> tuple[tuple[str, ...], ...] | None:
    if column not in places.columns:
        return None
    grouped = places.group_by(_NUMBER).agg(pl.col(column).drop_nulls()).sort(_NUMBER)
    return tuple(tuple(cells) for cells in grouped[column].to_list())


def _one_each(places: pl.DataFrame, column: str, where: str) -> tuple[str, ...] | None:
    """Return the one value that each list has of a column."""
    if column not in places.columns:
        return None
    grouped = places.group_by(_NUMBER).agg(pl.col(LIST).first(), pl.col(column).unique().sort())
    grouped = grouped.sort(_NUMBER)
    for name, values in zip(grouped[LIST], grouped[column].to_list(), strict=True):
        if len(values) > 1 or values[0] is None:
            raise TableError(
                f"{literal(where)}: the list {quoted(name)} is of one {column} in some rows and "
                f"of another or none in others; say in every row whose list it is"
            )
    return tuple(str(values[0]) for values in grouped[column].to_list())


def read_relevant(
    path: Path, lists: RankedLists, tracks: pl.DataFrame, *, limits: TableLimits | None = None
) -> Relevant:
    """Read what each list was to hold; rows of lists that are not there are counted.

    Raises ColumnError where a column is missing, TableError for a file that cannot be read or
    that names none of the lists.
    """
    table = read_table(path, limits=limits or TableLimits())
    found = find_columns(_NAMES[LIST], table.frame.columns)
    if not found:
        raise ColumnError(
            f"{literal(table.name)}: expected a column {LIST!r}, and there is none; "
            f"its columns are: {listed(table.frame.columns)}"
        )
    ids = bare_ids(table.frame, id_column(table.frame.columns, table.name))
    asked = table.frame[next(iter(found.values()))].cast(pl.String).alias(LIST)
    pairs = pl.DataFrame([asked, track_rows(ids, tracks).cast(pl.Int64)])
    numbers = pl.DataFrame({LIST: list(lists.names)}).with_row_index(_NUMBER)
    ours = pairs.join(numbers, on=LIST, how="inner")
    if ours.is_empty():
        raise TableError(
            f"{literal(table.name)}: none of its rows names one of the {len(lists)} lists; check "
            f"that both tables name the lists alike"
        )
    known = ours.drop_nulls(_ROW).unique([_NUMBER, _ROW]).sort(_NUMBER, _ROW)
    parts = known.partition_by(_NUMBER, as_dict=True)
    none = np.empty(0, dtype=np.int64)
    return Relevant(
        rows=tuple(
            parts[(number,)][_ROW].to_numpy() if (number,) in parts else none
            for number in range(len(lists))
        ),
        counts={
            "relevant": pairs.height,
            "relevant_of_no_list": pairs.height - ours.height,
            "relevant_not_in_catalog": int(ours[_ROW].null_count()),
        },
    )
