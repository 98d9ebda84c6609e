"""The tracks whose labels a model has learnt from: kept as hashes, to be left out of its tests."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.sampling import keyed_hashes
from moodtune.errors import BundleError

#: One seed for all models, so that the hashes of one are those of another.
_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedLabels:
    """``hashes``: uint64 [shape=(n_tracks,)] of track ids, ascending, each once.

    With 64 bits, two of a million ids share a hash once in 37 million models; then one track too
    many is left out.
    """

    hashes: NDArray[np.uint64]

    @classmethod
    def of(cls, track_ids: Iterable[str]) -> "TrainedLabels":
        """Return the hashes of ``track_ids``, in whatever order and however often they come."""
        return cls(hashes=np.unique(_hashes(pl.Series(list(track_ids), dtype=pl.String))))

    def __len__(self) -> int:
        return len(self.hashes)

    def contains(self, track_ids: pl.Series) -> NDArray[np.bool_]:
        """Return which of ``track_ids`` were learnt from [shape=(len(track_ids),)]."""
        return np.isin(_hashes(track_ids), self.hashes)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the hashes as a plain array."""
        return {"hashes": self.hashes}

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> "TrainedLabels":
        """Return what ``state`` made; BundleError if it is anything but ascending hashes."""
        hashes = state.get("hashes", np.empty(0))
        is_row = len(state) == 1 and hashes.dtype == np.uint64 and hashes.ndim == 1
        if not is_row or not (hashes[1:] > hashes[:-1]).all():
            raise BundleError(
                "the tracks whose labels were learnt from must be ascending uint64 hashes, got "
                f"{', '.join(state)} of {hashes.dtype} {hashes.shape}; train the model again"
            )
        return cls(hashes=hashes)


def _hashes(track_ids: pl.Series) -> NDArray[np.uint64]:
    return keyed_hashes(track_ids, _SEED, "labels learnt from")
