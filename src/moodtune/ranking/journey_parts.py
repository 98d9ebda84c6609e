"""What the score of a journey's track is made of.

    score = waypoint fit + mood at the ends + taste + feedback + freshness

With w the cost of being off the waypoint and m that of carrying little of the mood at an end
(``ranking.waypoints``), the first two are exp(-w), in (0, 1], and exp(-w - m) - exp(-w), in
(-1, 0]. The others are what they are in a list, of the mood that leads the track. The search weighs
costs, w + m less what is added; near a waypoint that is the same, since exp(-w) is nearly 1 - w.
"""

import numpy as np

from moodtune.ranking.additions import Addition, at_each
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.journeys import Travelled
from moodtune.ranking.personal import Personal
from moodtune.ranking.score_parts import ENDS, OTHER, WAYPOINT_FIT, by_place
from moodtune.ranking.selection import Place


def stops_as_places(
    index: TrackIndex,
    travelled: Travelled,
    person: Personal,
    given: Addition | None = None,
) -> tuple[list[Place], list[dict[str, float]]]:
    """Return the tracks of a journey as places of a list, and what the score of each is made of.

    Each stands for the mood that leads it. The parts add up to the score, rounding aside.
    """
    rows = np.array(travelled.rows, np.intp)
    moods = index.leading[rows]
    waypoint = np.exp(-np.array(travelled.waypoint_costs))
    both = np.exp(-np.array(travelled.fit_costs))
    added = person.of_places(moods, rows)
    if given is not None:
        added[OTHER] = at_each(given, moods, rows)
    parts = {WAYPOINT_FIT: waypoint, ENDS: both - waypoint, **added}
    scores = both + sum(values.astype(np.float64) for values in added.values())
    places = [
        Place(row=row, mood=mood, score=score, of_a_kind=False)
        for row, mood, score in zip(travelled.rows, moods.tolist(), scores.tolist(), strict=True)
    ]
    return places, by_place(parts)
