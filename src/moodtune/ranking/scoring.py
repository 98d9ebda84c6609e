"""How well tracks fit a mood, and the rest of the profile next."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

#: What the rest of the profile weighs beside the mood itself: enough to choose between tracks
#: that fit the mood about equally, too little to carry a track past one that fits it better. On
#: people's playlists .05 cost .002 of precision within a mood, .02 nothing (tests/ranking).
REST_WEIGHT = 0.02

#: A track can stand for a mood of a mix if the mood is at least this share as probable as the
#: most probable mood that lists offer: what a listener would still take for that mood.
CARRYING = np.float32(0.5)

#: Fits within one step of this size are about equal: a seed draws their order.
SEED_STEP = np.float32(0.01)

_MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class ByMood(Protocol):
    """The probabilities of some tracks, or blocks, mood by mood."""

    def __getitem__(self, mood: int, /) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class OfRows:
    """The probabilities of the tracks in some rows; only those moods are gathered that count."""

    probabilities: NDArray[np.float32]  # [shape=(n_tracks, n_moods)]
    rows: NDArray[np.integer]

    def __getitem__(self, mood: int) -> NDArray[np.float32]:
        # Two steps of one axis each: a third of the time of one look by rows and mood.
        found: NDArray[np.float32] = self.probabilities[:, mood][self.rows]
        return found


def fit(
    probabilities: ByMood,
    mood: int,
    profile: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Return how well tracks fit a place that is given to ``mood`` [shape=(n_tracks,)].

    ``probabilities``  by mood, of tracks, or the highest of them in a block, each
                       [shape=(n_tracks,)]
    ``profile``        shares of the moods, sum 1 [shape=(n_moods,)]

    fit = p(mood) + REST_WEIGHT * sum of share * p over the profile's other moods, in [0, 1.02].
    Summed in float32 mood by mood, so that a track has the same fit to the bit wherever it stands
    among others, and the fit of a block's highest probabilities bounds those of its tracks.
    """
    fits = np.array(probabilities[mood], dtype=np.float32)
    weights = (REST_WEIGHT * profile).astype(np.float32)
    for other in profile.nonzero()[0].tolist():
        if other != mood:
            fits += weights[other] * probabilities[other]
    return fits


def by_steps(
    fits: NDArray[np.float32], lots: NDArray[np.float32] | np.float32
) -> NDArray[np.float32]:
    """Return the keys of tracks whose order within a step is drawn: ``lots`` in [0, 1]."""
    keys: NDArray[np.float32] = (np.floor(fits / SEED_STEP) + lots) * SEED_STEP
    return keys


def lots(seed: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return the lot of each track, in [0, 1) [shape=(len(rows),)].

    It depends on the seed and the track's row in the catalog, not on what is asked: the finaliser
    of SplitMix64 (Steele, Lea & Flood 2014) over a counter, which gives any row its number alone.
    """
    start = np.uint64((seed * 0x94D049BB133111EB + 0x9E3779B97F4A7C15) % 2**64)
    state = rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + start
    for shift, factor in ((30, _MIX[0]), (27, _MIX[1])):
        state = (state ^ (state >> np.uint64(shift))) * factor
    state ^= state >> np.uint64(31)
    drawn: NDArray[np.float32] = (state >> np.uint64(40)).astype(np.float32) / np.float32(2**24)
    return drawn


def best_first(fits: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Return the rows of the ``count`` best fits, best first; ties by row, the lower one first.

    Exact also where ties reach over the edge: all rows that tie with the last one compete.
    """
    if count < len(fits):
        threshold = np.partition(fits, len(fits) - count)[len(fits) - count]
        rows = np.flatnonzero(fits >= threshold)
    else:
        rows = np.arange(len(fits))
    order = np.lexsort((rows, -fits[rows]))
    best: NDArray[np.intp] = rows[order][:count]
    return best
