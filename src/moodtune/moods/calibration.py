"""How sharp and how common moods are: set on music at large, never on labels or on a catalog.

A catalog of one genre thus keeps what the moods mean: a metal library is not a ninth calm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.moods.mood_space import softmax, split

_ROUNDS = 20  # of halving the range of the sharpness; each starts from the last one's offsets
_STEPS = 12  # of bringing the moods' shares to what is wanted, in each round


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """``sharpness`` multiplies the moods' evidence; then come ``offsets`` and ``background``."""

    sharpness: float
    offsets: NDArray[np.float64]
    background: float


def calibrate(said: NDArray[np.float64], *, clearness: float, unclear: float) -> Calibration:
    """Return the calibration under which music at large is spread as asked.

    ``said`` is the moods' evidence for tracks of music at large [shape=(n_tracks, n_moods)].
    The moods become equally common; the median of a track's largest probability becomes
    ``clearness``; and the background gets the share ``unclear`` of all probability. A median
    that cannot be reached (one mood, no cue) ends at the range's end.
    """
    low, high = 1.0, 1000.0
    offsets, background = np.zeros(said.shape[1]), -1.0
    sharpness = low
    for _ in range(_ROUNDS):
        sharpness = float(np.sqrt(low * high))
        offsets, background = equally_common(said * sharpness, offsets, background, unclear)
        probabilities = _probabilities(said * sharpness + offsets, background)
        if np.median(probabilities.max(axis=1)) < clearness:
            low = sharpness
        else:
            high = sharpness
    return Calibration(sharpness=sharpness, offsets=offsets, background=background)


def _probabilities(scores: NDArray[np.float64], background: float) -> NDArray[np.float64]:
    return softmax(scores, np.array(background), split(np.ones(scores.shape[1], dtype=np.bool_)))


def equally_common(
    scores: NDArray[np.float64], offsets: NDArray[np.float64], background: float, unclear: float
) -> tuple[NDArray[np.float64], float]:
    """Return offsets that make the moods equally common, and the background that is asked.

    ``scores`` [shape=(n_tracks, n_moods)] before offsets; the search starts at ``offsets`` and
    ``background``, and ends near: from what it returns it goes on.
    """
    wanted = 1 / scores.shape[1]
    for _ in range(_STEPS):
        moods = scores + offsets
        top = np.maximum(moods.max(axis=1), background)
        powers, shared = np.exp(moods - top[:, None]), np.exp(background - top)
        total = powers.sum(axis=1) + shared
        share = ((powers + shared[:, None] * wanted) / total[:, None]).mean(axis=0)
        offsets = offsets + np.log(wanted / share)
        background += float(np.log(unclear / (shared / total).mean()))
    return offsets, background


def fits_of(
    said: NDArray[np.float32], n_fits: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the range of each mood's evidence, and the share of tracks below each step of it.

    ``said`` [shape=(n_tracks, n_moods)]; returned are [shape=(n_moods, 2)] and
    [shape=(n_moods, n_fits)], in [0, 1].
    """
    ranges = np.stack([said.min(axis=0), said.max(axis=0)], axis=1)
    fits = np.empty((said.shape[1], n_fits), dtype=np.float32)
    for row, (low, high) in enumerate(ranges):
        steps = np.linspace(low, high, n_fits)
        fits[row] = np.searchsorted(np.sort(said[:, row]), steps) / len(said)
    return ranges.astype(np.float32), fits
