"""Tables of histories and of likes to rows of a catalog; what is unknown is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.aliases import listed
from moodtune.catalog.schema import TRACK_ID
from moodtune.errors import ColumnError, TableError
from moodtune.listeners.columns import find_columns
from moodtune.preferences.matching import Counts, bare_ids, id_column, track_rows
from moodtune.tables.limits import TableLimits
from moodtune.tables.reading import read_table
from moodtune.tables.table import Table
from moodtune.tables.text import literal

USER = "user"
#: What the column of listeners is called, case, spaces and signs between the words aside.
_USER_NAMES = (USER, "user id", "listener", "listener id", "user name")
_ROW = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Which tracks each listener played: listener l has ``rows[starts[l]:starts[l + 1]]``.

    ``starts``    int64 [shape=(n_listeners + 1,)]
    ``rows``      int32, rows of a catalog of ``n_tracks`` tracks, ascending and each once within
                  a listener
    ``counts``    what became of the table's rows

    Listeners are in the order of their names, which are not kept.
    """

    n_tracks: int
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: Counts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, listener: int) -> NDArray[np.int32]:
        """Return the rows of one listener, ascending."""
        return self.rows[self.starts[listener] : self.starts[listener + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many tracks each listener has [shape=(n_listeners,)]."""
        return np.diff(self.starts)

    @property
    def listeners(self) -> NDArray[np.intp]:
        """The listener of each of ``rows`` [shape=(n_rows,)]."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def keep(self, kept: NDArray[np.bool_]) -> "Histories":
        """Return the histories of the same listeners with only some of ``rows``."""
        before = np.concatenate([[0], np.cumsum(kept)])
        return Histories(
            n_tracks=self.n_tracks,
            starts=before[self.starts].astype(np.int64),
            rows=self.rows[kept],
            counts=Counts(n_read=int(before[-1])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Likes:
    """The rows of the tracks that one listener likes, ascending and each once."""

    rows: NDArray[np.intp]
    counts: Counts

    def __len__(self) -> int:
        return len(self.rows)


def read_histories(
    path: Path, tracks: pl.DataFrame, *, limits: TableLimits | None = None
) -> Histories:
    """Read a table of ``user,track_id``; ``tracks`` is a catalog's frame.

    Raises ColumnError where a column is missing, TableError where no row names a track of the
    catalog or the file cannot be read, HostileTableError beyond ``limits``.
    """
    table = read_table(path, limits=limits or TableLimits(), wanted=_has_users)
    return histories_of(table, tracks)


def _has_users(names: Sequence[str]) -> bool:
    return bool(find_columns(_USER_NAMES, names))


def histories_of(table: Table, tracks: pl.DataFrame) -> Histories:
    """Return the histories of a table that was read; see `read_histories`."""
    frame, where = table.frame, table.name
    ids = bare_ids(frame, id_column(frame.columns, where))
    users = frame[_user_column(frame.columns, where)].cast(pl.String).alias(USER)
    pairs = pl.DataFrame([users, ids]).drop_nulls()
    matched = pairs.select(USER, track_rows(pairs[TRACK_ID], tracks).cast(pl.Int32).alias(_ROW))
    known = matched.drop_nulls()
    if known.is_empty():
        raise TableError(
            f"{literal(where)}: none of its {frame.height:,} rows names a track of the catalog; "
            "check that both have the same kind of track id"
        )
    kept = known.unique().sort(USER, _ROW)
    lengths = kept[USER].rle().struct.field("len").to_numpy()
    return Histories(
        n_tracks=tracks.height,
        starts=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
        rows=kept[_ROW].to_numpy(),
        counts=Counts(
            n_read=frame.height,
            n_blank=frame.height - pairs.height,
            n_unknown=pairs.height - known.height,
            n_repeated=known.height - kept.height,
        ),
    )


def _user_column(names: Sequence[str], where: str) -> str:
    found = find_columns(_USER_NAMES, names)
    if not found:
        raise ColumnError(
            f"{literal(where)}: expected a column {USER!r} that says whose history each row is, "
            f"and there is none; its columns are: {listed(names)}"
        )
    return next(iter(found.values()))


def read_likes(path: Path, tracks: pl.DataFrame, *, limits: TableLimits | None = None) -> Likes:
    """Read a table of ``track_id``; none of them in the catalog are no likes, and no error.

    Raises ColumnError where the column is missing, TableError for a file that cannot be read,
    HostileTableError beyond ``limits``.
    """
    table = read_table(path, limits=limits or TableLimits())
    ids = bare_ids(table.frame, id_column(table.frame.columns, table.name))
    return likes_of(ids, tracks)


def likes_of(ids: Sequence[str] | pl.Series, tracks: pl.DataFrame) -> Likes:
    """Return the rows of liked tracks by id, an alternative id included."""
    asked = pl.Series(ids, dtype=pl.String)
    given = asked.drop_nulls()
    known = track_rows(given, tracks).drop_nulls()
    rows = known.unique().sort()
    return Likes(
        rows=rows.to_numpy().astype(np.intp),
        counts=Counts(
            n_read=len(asked),
            n_blank=len(asked) - len(given),
            n_unknown=len(given) - len(known),
            n_repeated=len(known) - len(rows),
        ),
    )
