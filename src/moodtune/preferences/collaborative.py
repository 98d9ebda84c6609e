"""Collaborative taste: which tracks the same listeners have, as weights between tracks.

For liked tracks i of weights w and any track j: raw_j = strength * sum over i of w_i B_ij, where w
is 1 unless said otherwise. B is learnt by
`moodtune.preferences.collaborative_training`; here it is only used, in NumPy. Of each row of B
the largest entries are kept, so a model's size is bounded by the number of tracks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moodtune.errors import BundleError
from moodtune.preferences.track_values import TrackValues

#: Entries of B kept per track, and of all tracks together: 8 bytes each, 40 MB at most.
MAX_NEIGHBORS = 100
MAX_ENTRIES = 5_000_000

METHODS = (EASE, ITEM_ITEM) = ("ease", "item-item")

_DTYPES: dict[str, type[np.generic]] = {
    "starts": np.int64,
    "neighbors": np.int32,
    "weights": np.float32,
    "strength": np.float32,
    "n_histories": np.int64,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CollaborativeModel:
    """Row i of B: ``weights[starts[i]:starts[i + 1]]`` of the tracks ``neighbors``, ascending.

    ``starts``       int64 [shape=(n_tracks + 1,)], tracks in the catalog's order
    ``neighbors``    int32, rows of the catalog [shape=(n_entries,)]
    ``weights``      float32 [shape=(n_entries,)]
    ``strength``     what B weighs beside content, at least 0 [shape=()]
    ``n_histories``  of how many listeners B was learnt [shape=()]
    ``method``       one of METHODS
    """

    starts: NDArray[np.int64]
    neighbors: NDArray[np.int32]
    weights: NDArray[np.float32]
    strength: NDArray[np.float32]
    n_histories: NDArray[np.int64]
    method: str

    def __len__(self) -> int:
        return len(self.starts) - 1

    def values(
        self, likes: NDArray[np.integer], weights: NDArray[np.float64] | None = None
    ) -> TrackValues:
        """Return what the listeners' tastes say for each track, times strength.

        Any number, 0 where nothing is known; ``likes`` are rows, each once, in any order, and
        ``weights`` what each of them counts, in [0, 1].
        """
        order = np.argsort(likes, kind="stable")
        rows = likes[order]
        lengths = self.starts[rows + 1] - self.starts[rows]
        before = np.cumsum(lengths) - lengths
        at = np.repeat(self.starts[rows] - before, lengths) + np.arange(int(lengths.sum()))
        said = self.weights[at].astype(np.float64)
        if weights is not None:
            said *= np.repeat(weights[order], lengths)
        found = TrackValues.of_rows(len(self), self.neighbors[at], said)
        return replace(found, own=found.own * self.strength)

    def scores(
        self, likes: NDArray[np.integer], weights: NDArray[np.float64] | None = None
    ) -> NDArray[np.float32]:
        """Return the same for every track [shape=(n_tracks,)]."""
        return self.values(likes, weights).everywhere()

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the model as plain arrays."""
        return {name: getattr(self, name) for name in _DTYPES} | {"method": np.array(self.method)}

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> "CollaborativeModel":
        """Return the model that ``state`` describes; BundleError if its arrays do not agree."""
        missing = [name for name in (*_DTYPES, "method") if name not in state]
        if missing:
            raise BundleError(f"the taste model lacks {', '.join(missing)}; train it again")
        for name, dtype in _DTYPES.items():
            _check_array(name, state[name], np.dtype(dtype))
        arrays = {name: state[name] for name in _DTYPES}
        _check_rows(arrays["starts"], arrays["neighbors"], arrays["weights"])
        method = str(state["method"])
        if method not in METHODS:
            raise BundleError(
                f"the taste model was learnt by {method!r}, which is neither "
                f"{' nor '.join(METHODS)}; train it again"
            )
        return cls(method=method, **arrays)


def _check_array(name: str, array: NDArray[Any], dtype: np.dtype[Any]) -> None:
    n_axes = 0 if name in {"strength", "n_histories"} else 1
    if array.dtype != dtype or array.ndim != n_axes or not np.isfinite(array).all():
        raise BundleError(
            f"the taste model's {name} must be finite {dtype} with {n_axes} axes, got "
            f"{array.dtype} {array.shape}; train it again"
        )


def _check_rows(
    starts: NDArray[np.int64], neighbors: NDArray[np.int32], weights: NDArray[np.float32]
) -> None:
    grows = len(starts) > 0 and starts[0] == 0 and bool((np.diff(starts) >= 0).all())
    if not grows or starts[-1] != len(neighbors) or len(neighbors) != len(weights):
        raise BundleError(
            f"the taste model's rows do not add up: {len(neighbors):,} neighbors and "
            f"{len(weights):,} weights; train it again"
        )
    if len(neighbors) and not (neighbors.min() >= 0 and neighbors.max() < len(starts) - 1):
        raise BundleError(
            f"the taste model names tracks outside its {len(starts) - 1:,}; train it again"
        )
