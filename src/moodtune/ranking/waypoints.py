"""The way from one place on the plane to another: waypoints, and candidates near each.

A journey of n tracks has n waypoints, evenly on the line from start to goal. A track is worth
considering near the waypoint it is near to on the plane, and the more so, towards the ends, the
more it carries the mood of that end. What a person says of a track counts at every place alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from moodtune.moods.scores import MoodScores
from moodtune.ranking.routes import Layers
from moodtune.ranking.scoring import best_first
from moodtune.ranking.transitions import Sound, distances, transition_costs
from moodtune.ranking.work import CALL, Work

#: A track this far from its waypoint costs 1 for it, twice as far 4; as much again a track costs
#: at an end of the journey that carries nothing of the mood there.
FIT_UNIT = 0.1
MOOD_WEIGHT = 1.0

#: A mood fit of 1 that the person's words add makes a track cost so much less at every place.
PERSON_WEIGHT = 1.0

#: A mood lies where the hundredth of the catalog lies that carries it most; of a small catalog 20
#: tracks, but no more than a tenth.
_MARKED_SHARE, _MARKED_LEAST, _MARKED_MOST = 0.01, 20, 0.1

#: Cells of all cost tables of a journey together, and candidates per place.
_MAX_CELLS = 2_000_000
_MOST, _LEAST = 200, 32

#: Operations over arrays that the pool of one place takes, with the moves to it.
_WEIGHED = 20

#: Ends of a journey that are nearer than this are one place.
NEAREST_ENDS = 0.01

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The start or the goal: a point (valence, arousal), and the mix of moods that names it."""

    point: Point
    mix: NDArray[np.float64] | None = None  # [shape=(n_moods,)], sums to 1; None for a bare point


def place_of(scores: MoodScores, mix: NDArray[np.float64], music: NDArray[np.bool_]) -> Point:
    """Return where the catalog's tracks of a mood lie: the median of those that carry it most.

    ``music`` [shape=(n_tracks,)], not all False, says which tracks count. Of a mix of moods, the
    mean of their places by share.
    """
    rows = np.flatnonzero(music)
    n = len(rows)
    count = max(ceil(_MARKED_SHARE * n), min(_MARKED_LEAST, ceil(_MARKED_MOST * n)))
    place = np.zeros(2)
    for mood in np.flatnonzero(mix):
        marked = rows[best_first(scores.probabilities[rows, mood], count)]
        at = [np.median(scores.valence[marked]), np.median(scores.arousal[marked])]
        place += mix[mood] * np.array(at, dtype=np.float64)
    return float(place[0]), float(place[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The tracks that a journey may take, seen from the line between its ends.

    ``rows``     of the catalog, ascending [shape=(n,)]
    ``along``    where each is on the line: 0 at the start, 1 at the goal [shape=(n,)]
    ``order``    its place among all by ``along``, ties by row: a journey only goes up [shape=(n,)]
    ``strange``  how little of the mood of the start, and of the goal, it carries compared to the
                 track that carries most, in [0, 1] [shape=(2, n)]
    ``extra``    what is added to its cost at every place, below 0 where something speaks for it
                 [shape=(n,)]; None where nothing is said
    ``work``     counts what a search among them weighs
    """

    sound: Sound
    start: Point
    goal: Point
    rows: NDArray[np.intp]
    along: NDArray[np.float64]
    order: NDArray[np.intp]
    strange: NDArray[np.float64]
    extra: NDArray[np.float64] | None = None
    work: Work = field(default_factory=Work)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def length(self) -> float:
        """How far the goal is from the start."""
        return float(distances(np.array([self.start]), np.array([self.goal]))[0, 0])

    def waypoints(self, n: int) -> NDArray[np.float64]:
        """Return n points from start to goal, evenly [shape=(n, 2)]."""
        return np.linspace(self.start, self.goal, n)

    def layers(self, n: int) -> Layers:
        """Return the candidates of each of n places, and what going between them costs."""
        pools = list(self._pools(n))
        rows = tuple(self.rows[at] for at, _ in pools)
        steps, moves = [np.empty((0, len(rows[0])))], [np.empty((0, len(rows[0])))]
        for (a, _), (b, _) in pairwise(pools):
            points = self.sound.points
            steps.append(distances(points[self.rows[a]], points[self.rows[b]]))
            cost = transition_costs(self.sound, self.rows[a], self.rows[b])
            onward = np.less.outer(self.order[a], self.order[b])
            moves.append(np.where(onward, cost, np.inf))
        own = tuple(costs for _, costs in pools)
        layers = Layers(rows=rows, own=own, moves=tuple(moves), steps=tuple(steps), work=self.work)
        layers.weigh()
        return layers

    def _pools(self, n: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
        """Yield the candidates of each place, and what each costs there.

        Half of them are the best of all, half the best of those that are nearer to this waypoint
        than to any other, which no other place's half has: a crowd near one place leaves the
        others their own. Where something is said, half as many again are the best by that too: so
        whatever journey there is without a word of the person, there is with one.
        """
        count = min(max(int((_MAX_CELLS / n) ** 0.5), _LEAST), _MOST)
        nearest = np.floor(np.clip(self.along, 0, 1) * (n - 1) + 0.5).astype(np.intp)
        points = self.sound.points[self.rows]
        for place, waypoint in enumerate(self.waypoints(n)):
            self.work.call(_WEIGHED * CALL + len(points))
            plain = np.add(*_fit_costs(points, self.strange, waypoint, place / (n - 1)))
            costs = plain if self.extra is None else plain + self.extra
            if len(costs) <= count:
                yield np.arange(len(costs)), costs
                continue
            mine = np.flatnonzero(nearest == place)
            kept = np.zeros(len(costs), dtype=np.bool_)
            kept[_cheapest(plain, count // 2)] = True
            kept[mine[_cheapest(plain[mine], count // 2)]] = True
            if self.extra is not None:
                kept[_cheapest(costs, count // 2)] = True
            at = np.flatnonzero(kept)
            yield at, costs[at]

    def fit_costs(self, rows: Sequence[int]) -> NDArray[np.float64]:
        """Return what the tracks of a journey cost at their places, without the extra.

        First for being off the waypoint, second for carrying little of the mood at an end
        [shape=(2, len(rows))].
        """
        at, n = np.searchsorted(self.rows, rows), len(rows)
        points, strange = self.sound.points[list(rows)], self.strange[:, at]
        costs = [
            _fit_costs(points[[i]], strange[:, [i]], waypoint, i / (n - 1))
            for i, waypoint in enumerate(self.waypoints(n))
        ]
        return np.array(costs).reshape(n, 2).T

    def extra_cost(self, rows: Sequence[int]) -> float:
        """Return what is added to the cost of the tracks of a journey, all together."""
        if self.extra is None:
            return 0.0
        return float(self.extra[np.searchsorted(self.rows, rows)].sum())


def _fit_costs(
    points: NDArray[np.float64],
    strange: NDArray[np.float64],
    waypoint: NDArray[np.float64],
    along: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what tracks cost at a place for being off its waypoint, and for their strangeness."""
    away = distances(points, waypoint[None, :])[:, 0] / FIT_UNIT
    ends = max(1 - 2 * along, 0) * strange[0] + max(2 * along - 1, 0) * strange[1]
    return away * away, MOOD_WEIGHT * ends


def _cheapest(costs: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Return where the ``count`` lowest costs are; ties by row."""
    return best_first(-costs, count)  # type: ignore[arg-type]  # any float will do


def ground_of(
    sound: Sound,
    scores: MoodScores,
    admitted: NDArray[np.bool_],
    start: End,
    goal: End,
    *,
    extra: NDArray[np.float64] | None = None,
    work: Work | None = None,
) -> Ground:
    """Return the admitted tracks seen from the line between two ends, which must lie apart.

    ``extra`` is what is added to the cost of each track of the catalog [shape=(n_tracks,)];
    ``work`` counts what searches weigh.
    """
    rows = np.flatnonzero(admitted)
    line = np.array(goal.point) - np.array(start.point)
    offset = sound.points[rows] - np.array(start.point)
    along = (offset[:, 0] * line[0] + offset[:, 1] * line[1]) / (line[0] ** 2 + line[1] ** 2)
    order = np.empty(len(rows), dtype=np.intp)
    order[np.lexsort((rows, along))] = np.arange(len(rows))
    return Ground(
        sound=sound,
        start=start.point,
        goal=goal.point,
        rows=rows,
        along=along,
        order=order,
        strange=np.array([_strangeness(scores, rows, end) for end in (start, goal)]),
        extra=None if extra is None else extra[rows],
        work=work or Work(),
    )


def _strangeness(scores: MoodScores, rows: NDArray[np.intp], end: End) -> NDArray[np.float64]:
    if end.mix is None or not len(rows):
        return np.zeros(len(rows))
    carried: NDArray[np.float64] = scores.probabilities[rows].astype(np.float64) @ end.mix
    most = float(carried.max())
    return 1 - carried / most if most > 0 else np.ones(len(rows))
