"""What is added to tracks' fits, asked for the tracks that a search looks at and no others."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Addition(Protocol):
    """Something to add to the fits of tracks to a mood.

    ``at``        what is added to the tracks in ``rows``, float32 [shape=(len(rows),)]
    ``most``      no track but the singular ones has more added
    ``singular``  the tracks of which something of their own is known, ascending: few
    """

    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]: ...  # noqa: D102
    def most(self, mood: int) -> float: ...  # noqa: D102
    def singular(self, mood: int) -> NDArray[np.intp]: ...  # noqa: D102


class Given:
    """An addition that is given for every track, for all moods alike or for each."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        """``values``: [shape=(n_tracks,)] or [shape=(n_moods, n_tracks)]."""
        self._values = values

    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what is added to the tracks in ``rows``."""
        values: NDArray[np.float32] = self._of(mood)[rows]
        return values

    def most(self, mood: int) -> float:
        """Return the most that is added to any track."""
        return float(self._of(mood).max(initial=0))

    def singular(self, mood: int) -> NDArray[np.intp]:
        """Return no track: all are given alike."""
        del mood
        return np.empty(0, dtype=np.intp)

    def _of(self, mood: int) -> NDArray[np.float32]:
        return self._values if self._values.ndim == 1 else self._values[mood]


class Values(Protocol):
    """Values of tracks, few of them their own: `moodtune.preferences.track_values.TrackValues`."""

    def at(self, rows: NDArray[np.integer]) -> NDArray[np.float32]: ...  # noqa: D102
    @property
    def most(self) -> float: ...  # noqa: D102
    @property
    def rows(self) -> NDArray[np.intp]: ...  # noqa: D102


class Weighed:
    """Values of tracks, the same for all moods, times a weight of at least 0."""

    def __init__(self, values: Values, weight: float = 1) -> None:
        self._values, self._weight = values, np.float32(weight)
        self._rows = values.rows

    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what is added to the tracks in ``rows``."""
        del mood
        return self._weight * self._values.at(rows)

    def most(self, mood: int) -> float:
        """Return what no track without a value of its own exceeds."""
        del mood
        return float(self._weight * np.float32(self._values.most))

    def singular(self, mood: int) -> NDArray[np.intp]:
        """Return the tracks with a value of their own."""
        del mood
        return self._rows


class ByMood:
    """Values of tracks for some moods; for the others nothing is added."""

    def __init__(self, values: Mapping[int, Values]) -> None:
        self._weighed = {mood: Weighed(of_mood) for mood, of_mood in values.items()}

    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what is added to the tracks in ``rows``."""
        if mood not in self._weighed:
            return np.zeros(len(rows), dtype=np.float32)
        return self._weighed[mood].at(mood, rows)

    def most(self, mood: int) -> float:
        """Return what no track without a value of its own exceeds."""
        return self._weighed[mood].most(mood) if mood in self._weighed else 0.0

    def singular(self, mood: int) -> NDArray[np.intp]:
        """Return the tracks with a value of their own."""
        if mood not in self._weighed:
            return np.empty(0, dtype=np.intp)
        return self._weighed[mood].singular(mood)


class Sum:
    """Several additions one after the other, in float32 and in their order."""

    def __init__(self, parts: Sequence[Addition]) -> None:
        self._parts = tuple(parts)
        self._singular: dict[int, NDArray[np.intp]] = {}

    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the sum for the tracks in ``rows``."""
        total = np.zeros(len(rows), dtype=np.float32)
        for part in self._parts:
            total += part.at(mood, rows)
        return total

    def most(self, mood: int) -> float:
        """Return a bound for tracks that are singular in no part.

        Summed in float32 in the order of `at`: rounding keeps order, so it is a bound to the bit.
        """
        total = np.float32(0)
        for part in self._parts:
            total += np.float32(max(part.most(mood), 0.0))
        return float(total)

    def singular(self, mood: int) -> NDArray[np.intp]:
        """Return the tracks that are singular in any part."""
        if mood not in self._singular:
            found = [part.singular(mood) for part in self._parts]
            self._singular[mood] = np.unique(np.concatenate([np.empty(0, dtype=np.intp), *found]))
        return self._singular[mood]


def at_each(
    addition: Addition, moods: NDArray[np.integer], rows: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Return what is added to each of the tracks for a mood of its own [shape=(len(rows),)]."""
    values = np.empty(len(rows), dtype=np.float32)
    for mood in np.unique(moods).tolist():
        here = moods == mood
        values[here] = addition.at(mood, rows[here])
    return values
