"""Mood scores: what a song model says of each track."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from moodtune.ahead import in_blocks

#: Tracks looked at at once.
_BLOCK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class MoodScores:
    """The mood profile and the place on the valence-arousal plane of each track.

    ``moods``          names of the columns of ``probabilities``, in taxonomy order
    ``probabilities``  float32 [shape=(n_tracks, n_moods)], rows sum to 1
    ``valence``        float32 [shape=(n_tracks,)] in [0, 1], from unpleasant to pleasant
    ``arousal``        float32 [shape=(n_tracks,)] in [0, 1], from still to excited
    ``confidence``     float32 [shape=(n_tracks,)] in [0, 1], fit of the leading mood to music at
                       large, not only to this catalog
    """

    moods: tuple[str, ...]
    probabilities: NDArray[np.float32]
    valence: NDArray[np.float32]
    arousal: NDArray[np.float32]
    confidence: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.probabilities)
        shapes = [a.shape for a in (self.valence, self.arousal, self.confidence)]
        if self.probabilities.shape != (n, len(self.moods)) or shapes != [(n,)] * 3:
            raise ValueError(f"shapes do not agree: {self.probabilities.shape}, {shapes}")

    def __len__(self) -> int:
        return len(self.probabilities)

    @cached_property
    def leading(self) -> NDArray[np.int16]:
        """Each track's most probable mood as a column number; ties in taxonomy order."""
        leading = np.empty(len(self), dtype=np.int16)

        def find(block: slice) -> None:
            leading[block] = np.argmax(self.probabilities[block], axis=1)

        in_blocks(find, len(self), _BLOCK)
        leading.flags.writeable = False  # everyone is given the same
        return leading

    def leading_names(self) -> NDArray[np.str_]:
        """Return each track's most probable mood by name."""
        names: NDArray[np.str_] = np.array(self.moods)
        return names[self.leading]
