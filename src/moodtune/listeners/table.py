"""The table of listeners: who they are, what they answered, and which moods they ticked."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import Source
from moodtune.errors import QueryError

REJECTED_LISTENER_DTYPES: Mapping[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.Int64(),  # as a person counts: the first row under the header is 1
    "listener_id": pl.String(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodLabels:
    """The moods that listeners ticked.

    ``moods``  names, in the order of the taxonomy; each is ticked at least once
    ``ticks``  bool [shape=(n_listeners, n_moods)]; a row without a tick is not labelled
    """

    moods: tuple[str, ...]
    ticks: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """The listeners of one table, in the order they were read.

    ``ids``              the table's own ids where it has them, else the row number from 0
    ``answers``          strings, null where blank; every column but the mood, the id, and those
                         in ``dropped``
    ``labels``           the moods ticked, or None where no mood column was read
    ``repeats``          bool [shape=(n,)], True where an earlier row says the same from end to
                         end: kept, so that it can be asked for, but never learnt from
    ``rejections``       columns of ``REJECTED_LISTENER_DTYPES``, one row per rejected row
    ``constant_columns`` columns that were dropped because they say the same in every row
    ``dropped``          every column that is no answer, with the reason
    ``n_read``           ``n_read == len(self) + n_rejected``
    """

    ids: tuple[str, ...]
    answers: pl.DataFrame
    labels: MoodLabels | None
    repeats: NDArray[np.bool_]
    rejections: pl.DataFrame
    n_read: int
    source: Source
    constant_columns: tuple[str, ...] = ()
    dropped: Mapping[str, str]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.ids)
        ticks = n if self.labels is None else len(self.labels.ticks)
        # A table of ids alone has no answers, and a frame without columns has no height.
        height = self.answers.height if self.answers.width else n
        if (height, len(self.repeats), ticks) != (n, n, n):
            raise ValueError(f"{n} ids, {height} rows of answers, {ticks} rows of moods")
        if self.n_read != n + self.n_rejected:
            raise ValueError(f"{self.n_read} rows read, {n} kept, {self.n_rejected} rejected")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_rejected(self) -> int:
        """Rows that were rejected, each with its reason in ``rejections``."""
        return self.rejections.height

    @property
    def n_repeats(self) -> int:
        """Rows that repeat an earlier one."""
        return int(self.repeats.sum())

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """True where a listener ticked at least one mood [shape=(n,)]."""
        if self.labels is None:
            return np.zeros(len(self), dtype=np.bool_)
        return np.asarray(self.labels.ticks.any(axis=1))

    @property
    def learnable(self) -> NDArray[np.bool_]:
        """True for the rows that a model may learn from: labelled, and no repeat [shape=(n,)]."""
        return self.labelled & ~self.repeats

    def row_of(self, listener_id: str) -> int:
        """Return the row of a listener; QueryError if there is none of that id."""
        try:
            return self.ids.index(listener_id)
        except ValueError:
            raise QueryError(
                f"{self.source.name}: there is no listener {listener_id!r}; it has "
                f"{len(self):,} listeners"
                + (f", from {self.ids[0]!r} to {self.ids[-1]!r}" if self.ids else "")
            ) from None
