"""What is added to tracks' fits, asked for the tracks that a search looks at and no others."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from moodtune.features.rows import ascending


class Addition(Protocol):
    """Something to add to the fits of tracks to a mood.

    ``at``      what is added to the tracks in ``rows``, float32 [shape=(len(rows),)]
    ``rows``    the tracks of which something of their own is known, ascending: few
    ``own``     what is added to these [shape=(len(self.rows),)]
    ``shared``  what is added to tracks that are not among them
    ``most``    none of those has more added
    """

    @property
    def rows(self) -> NDArray[np.intp]: ...  # noqa: D102
    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]: ...  # noqa: D102
    def own(self, mood: int) -> NDArray[np.float32]: ...  # noqa: D102
    def shared(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]: ...  # noqa: D102
    def most(self, mood: int) -> float: ...  # noqa: D102


class Given:
    """An addition that is given for every track, for all moods alike or for each."""

    rows = np.empty(0, dtype=np.intp)

    def __init__(self, values: NDArray[np.float32]) -> None:
        """``values``: [shape=(n_tracks,)] or [shape=(n_moods, n_tracks)]."""
        self._values = values

    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what is added to the tracks in ``rows``."""
        values: NDArray[np.float32] = self._of(mood)[rows]
        return values

    def own(self, mood: int) -> NDArray[np.float32]:
        """Return nothing: no track has anything of its own."""
        return self._of(mood)[:0]

    shared = at

    def most(self, mood: int) -> float:
        """Return the most that is added to any track."""
        return float(self._of(mood).max(initial=0))

    def _of(self, mood: int) -> NDArray[np.float32]:
        return self._values if self._values.ndim == 1 else self._values[mood]


class Values(Protocol):
    """Values of tracks, few of them their own: `moodtune.preferences.track_values.TrackValues`."""

    def at(self, rows: NDArray[np.integer]) -> NDArray[np.float32]: ...  # noqa: D102
    def shared(self, rows: NDArray[np.integer]) -> NDArray[np.float32]: ...  # noqa: D102
    @property
    def most(self) -> float: ...  # noqa: D102
    @property
    def rows(self) -> NDArray[np.intp]: ...  # noqa: D102
    @property
    def own(self) -> NDArray[np.float32]: ...  # noqa: D102


class Weighed:
    """Values of tracks, the same for all moods, times a weight of at least 0."""

    def __init__(self, values: Values, weight: float = 1) -> None:
        self._values, self._weight = values, np.float32(weight)
        self.rows = values.rows

    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what is added to the tracks in ``rows``."""
        del mood
        return self._weight * self._values.at(rows)

    @cached_property
    def _own(self) -> NDArray[np.float32]:
        return self._weight * self._values.own

    def own(self, mood: int) -> NDArray[np.float32]:
        """Return what is added to the tracks with a value of their own."""
        del mood
        return self._own

    def shared(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what is added to tracks without a value of their own."""
        del mood
        return self._weight * self._values.shared(rows)

    def most(self, mood: int) -> float:
        """Return what no track without a value of its own exceeds."""
        del mood
        return float(self._weight * np.float32(self._values.most))


class ByMood:
    """Values of tracks for some moods, with the same rows; for the others nothing is added."""

    def __init__(self, values: Mapping[int, Values]) -> None:
        self._weighed = {mood: Weighed(of_mood) for mood, of_mood in values.items()}
        self.rows = next((w.rows for w in self._weighed.values()), np.empty(0, dtype=np.intp))

    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what is added to the tracks in ``rows``."""
        if mood not in self._weighed:
            return np.zeros(len(rows), dtype=np.float32)
        return self._weighed[mood].at(mood, rows)

    def own(self, mood: int) -> NDArray[np.float32]:
        """Return what is added to the tracks with a value of their own."""
        if mood not in self._weighed:
            return np.zeros(len(self.rows), dtype=np.float32)
        return self._weighed[mood].own(mood)

    def shared(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return what is added to tracks without a value of their own."""
        if mood not in self._weighed:
            return np.zeros(len(rows), dtype=np.float32)
        return self._weighed[mood].shared(mood, rows)

    def most(self, mood: int) -> float:
        """Return what no track without a value of its own exceeds."""
        return self._weighed[mood].most(mood) if mood in self._weighed else 0.0


class Sum:
    """Several additions one after the other, in float32 and in their order."""

    def __init__(self, parts: Sequence[Addition]) -> None:
        self._parts = tuple(parts)
        self._own: dict[int, NDArray[np.float32]] = {}

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """The tracks of which any part knows something of their own."""
        return ascending(np.concatenate([np.empty(0, dtype=np.intp), *self._distinct]))

    def at(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the sum for the tracks in ``rows``."""
        total = np.zeros(len(rows), dtype=np.float32)
        for part in self._parts:
            total += part.at(mood, rows)
        return total

    def own(self, mood: int) -> NDArray[np.float32]:
        """Return the sum for the tracks of which something of their own is known."""
        if mood not in self._own:
            total = np.zeros(len(self.rows), dtype=np.float32)
            for part in self._parts:
                values = part.shared(mood, self.rows)
                values[self._places[id(part.rows)]] = part.own(mood)
                total += values
            self._own[mood] = total
        return self._own[mood]

    def shared(self, mood: int, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the sum for tracks of which no part knows anything of their own."""
        total = np.zeros(len(rows), dtype=np.float32)
        for part in self._parts:
            total += part.shared(mood, rows)
        return total

    def most(self, mood: int) -> float:
        """Return a bound for tracks of which no part knows anything of their own.

        Summed in float32 in the order of `at`: rounding keeps order, so it is a bound to the bit.
        """
        total = np.float32(0)
        for part in self._parts:
            total += np.float32(max(part.most(mood), 0.0))
        return float(total)

    @cached_property
    def _distinct(self) -> list[NDArray[np.intp]]:
        """The parts' rows, those that several of them share once."""
        return list({id(part.rows): part.rows for part in self._parts}.values())

    @cached_property
    def _places(self) -> dict[int, NDArray[np.intp]]:
        """Where in ``rows`` those of a part are, by the identity of the part's."""
        return {id(rows): np.searchsorted(self.rows, rows) for rows in self._distinct}


def at_each(
    addition: Addition, moods: NDArray[np.integer], rows: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Return what is added to each of the tracks for a mood of its own [shape=(len(rows),)]."""
    if isinstance(addition, Weighed):  # the same for all moods
        return addition.at(0, rows)
    values = np.empty(len(rows), dtype=np.float32)
    for mood in np.unique(moods).tolist():
        here = moods == mood
        values[here] = addition.at(mood, rows[here])
    return values
