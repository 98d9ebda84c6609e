"""Track ids as people's tables have them, to rows of a catalog."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from moodtune.catalog import cells
from moodtune.catalog.aliases import listed, meaning
from moodtune.catalog.schema import ALTERNATIVE_IDS, TRACK_ID
from moodtune.errors import ColumnError
from moodtune.tables.text import literal

_ROW = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the rows of a table; what is left of ``n_read`` was kept."""

    n_read: int
    n_blank: int = 0  # no listener or no track in them
    n_unknown: int = 0  # the track is not in the catalog
    n_repeated: int = 0  # said before, or the same song under another id


def id_column(names: Sequence[str], where: str) -> str:
    """Return which column has the track ids; ColumnError where none has."""
    # Of several, the schema's own name first; then as they stand in the table.
    found = sorted(
        (name != TRACK_ID, i) for i, name in enumerate(names) if meaning(name) == TRACK_ID
    )
    if not found:
        raise ColumnError(
            f"{literal(where)}: expected a column {TRACK_ID!r}, and there is none; "
            f"its columns are: {listed(names)}"
        )
    return names[found[0][1]]


def bare_ids(frame: pl.DataFrame, column: str) -> pl.Series:
    """Return a column of track ids as the catalog has them: no address around them."""
    return frame.select(cells.track_id(column).alias(TRACK_ID)).to_series()


def track_rows(ids: pl.Series, tracks: pl.DataFrame) -> pl.Series:
    """Return the row of each id in ``tracks`` (UInt32), null where no track has it.

    An alternative id stands for the track that was kept of its song.
    """
    rows = tracks.select(TRACK_ID, ALTERNATIVE_IDS).with_row_index(_ROW)
    mains = rows.select(TRACK_ID, _ROW)
    others = rows.filter(pl.col(ALTERNATIVE_IDS).list.len() > 0).select(
        pl.col(ALTERNATIVE_IDS).alias(TRACK_ID), _ROW
    )
    known = pl.concat([mains, others.explode(TRACK_ID, empty_as_null=True)])
    known = known.unique(TRACK_ID, keep="first", maintain_order=True)
    asked = ids.alias(TRACK_ID).cast(pl.String).to_frame()
    return asked.join(known, on=TRACK_ID, how="left", maintain_order="left")[_ROW]
