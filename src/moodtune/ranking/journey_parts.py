"""What the score of a journey's track is made of.

    score = waypoint fit + mood at the ends + taste + feedback + freshness

With w the cost of being off the waypoint and m that of carrying little of the mood at an end
(``ranking.waypoints``), the first two are exp(-w), in (0, 1], and exp(-w - m) - exp(-w), in
(-1, 0]. The others are what they are in a list, of the mood that leads the track. The search weighs
costs, w + m less what is added; near a waypoint that is the same, since exp(-w) is nearly 1 - w.
"""

from math import exp

import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.index import TrackIndex
from moodtune.ranking.journeys import Travelled
from moodtune.ranking.personal import Personal
from moodtune.ranking.score_parts import ENDS, OTHER, WAYPOINT_FIT, rounded
from moodtune.ranking.selection import Place


def stops_as_places(
    index: TrackIndex,
    travelled: Travelled,
    person: Personal,
    adjustments: NDArray[np.float32] | None = None,
) -> tuple[list[Place], list[dict[str, float]]]:
    """Return the tracks of a journey as places of a list, and what the score of each is made of.

    Each stands for the mood that leads it. The parts add up to the score, rounding aside.
    """
    places, parts = [], []
    costs = zip(travelled.waypoint_costs, travelled.fit_costs, strict=True)
    for row, (waypoint, both) in zip(travelled.rows, costs, strict=True):
        mood = int(index.leading[row])
        added = person.of_place(mood, row)
        if adjustments is not None:
            of_mood = adjustments if adjustments.ndim == 1 else adjustments[mood]
            added[OTHER] = float(of_mood[row])
        score = exp(-both) + sum(added.values())
        places.append(Place(row=row, mood=mood, score=score, of_a_kind=False))
        parts.append({WAYPOINT_FIT: exp(-waypoint), ENDS: exp(-both) - exp(-waypoint), **added})
    return places, [
        {name: rounded(value) for name, value in of_place.items()} for of_place in parts
    ]
