"""A list as far as it is made, and the rules that hold between its tracks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.features.code_lists import Lists
from moodtune.ranking.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds between the tracks of one list.

    ``artist_cap``  tracks of one artist at most, every artist of a track counts
    ``artist_gap``  places that lie between two tracks of one artist at least
    ``limit_ms``    length of the whole list at most, or None
    """

    artist_cap: int
    artist_gap: int = 0
    limit_ms: int | None = None


class Draft:
    """The tracks that have a place so far; no track twice, and the rules kept at every step."""

    def __init__(
        self,
        rules: Rules,
        artists: Lists,
        durations_ms: NDArray[np.int64] | None = None,
        work: Work | None = None,
    ) -> None:
        self.rules = rules
        self.work = work or Work()
        self.rows: list[int] = []
        self.total_ms = 0
        self._artists = artists
        self._durations = durations_ms if rules.limit_ms is not None else None
        self._names: dict[int, tuple[int, ...]] = {}
        self._used: set[int] = set()
        self._counts: Counter[int] = Counter()
        self._last: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, row: int) -> bool:
        return row in self._used

    def names(self, row: int) -> tuple[int, ...]:
        """Return the artists of a track as codes, each once."""
        found = self._names.get(row)
        if found is None:
            found = self._names[row] = self._artists.of_row(row)
        return found

    def duration_ms(self, row: int) -> int:
        """Return how long a track is; 0 where the list has no length to keep."""
        return 0 if self._durations is None else int(self._durations[row])

    def full(self, row: int) -> list[int]:
        """Return the artists of a track of whom the list has as many tracks as it may."""
        return [a for a in self.names(row) if self._counts[a] >= self.rules.artist_cap]

    def is_spent(self, row: int) -> bool:
        """Return whether the track can take no later place, whatever is added before it."""
        if row in self._used:
            return True
        cap = self.rules.artist_cap
        for artist in self.names(row):
            if self._counts[artist] >= cap:
                return True
        limit = self.rules.limit_ms
        return limit is not None and self.total_ms + self.duration_ms(row) > limit

    def is_too_near(self, row: int) -> bool:
        """Return whether the next place is too near another track of one of its artists."""
        gap = self.rules.artist_gap
        if not gap:
            return False
        nearest = len(self.rows) - gap
        return any(self._last.get(artist, -1) >= max(nearest, 0) for artist in self.names(row))

    def add(self, row: int) -> None:
        """Give the next place to a track that is neither spent nor too near."""
        for artist in self.names(row):
            self._counts[artist] += 1
            self._last[artist] = len(self.rows)
        self._used.add(row)
        self.rows.append(row)
        self.total_ms += self.duration_ms(row)

    def keeps(self, rows: Sequence[int]) -> bool:
        """Return whether a list of these tracks keeps every rule."""
        self.work.step(len(rows))
        last: dict[int, int] = {}
        counts: Counter[int] = Counter()
        for position, row in enumerate(rows):
            for artist in self.names(row):
                counts[artist] += 1
                near = artist in last and position - last[artist] <= self.rules.artist_gap
                if near or counts[artist] > self.rules.artist_cap:
                    return False
                last[artist] = position
        limit = self.rules.limit_ms
        in_time = limit is None or sum(map(self.duration_ms, rows)) <= limit
        return in_time and len(set(rows)) == len(rows)

    def change(self, changes: Mapping[int, int]) -> bool:
        """Give places, by position, to other tracks if the rules allow it; say whether they do.

        One of the positions may be the next.
        """
        rows = list(self.rows)
        for position in sorted(changes):
            rows[position : position + 1] = [changes[position]]
        if not self.keeps(rows):
            return False
        self.restart(rows)
        return True

    def restart(self, rows: Sequence[int]) -> None:
        """Make the list anew of tracks that keep the rules in this order."""
        self.work.step(len(rows))
        self.rows, self.total_ms = [], 0
        self._used.clear()
        self._counts.clear()
        self._last.clear()
        for row in rows:
            self.add(row)
