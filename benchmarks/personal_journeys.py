"""What a person's words do to journeys: how many tracks they change, at what price, how quickly.

    python benchmarks/personal_journeys.py --model output/model

Journeys of 12 tracks between pairs of moods, each for a person of its own: 20 likes of one genre
(of any, where the catalog has none), 50 likes and skips of tracks from anywhere, each in the mood
that leads the track, and what the same journey showed the day before. Beside each stands the
journey of somebody of whom nothing is known.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from moodtune.artifacts import load_bundle
from moodtune.evaluation.intervals import Figure, figure, resamples
from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.preferences.freshness import most_repeated
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.journeys import Journey, JourneyReport
from moodtune.ranking.query import Query, Recommendations
from moodtune.ranking.recommending import recommend
from moodtune.seeding import derive

N, CAP, LIKES, EVENTS = 12, 2, 20, 50
TODAY, YESTERDAY = "2026-11-23", "2026-11-22T08:00:00Z"

#: Changes the query of the person of a number, who saw the journey of that query yesterday.
Words = Callable[[TrackIndex, Query, int, Recommendations], Query]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A journey beside the one of somebody unknown.

    ``other``     share of tracks that are not in that one
    ``ratio``     cost of fit and transitions over that of that one
    ``repeated``  tracks that are in both
    ``kept``      no step is longer than its bound
    ``led``       share of tracks that the mood of the end leads: at the two ends, and in the
                  thirds there
    """

    other: float
    ratio: float
    proven: bool
    repeated: int
    kept: bool
    led: tuple[float, float]
    seconds: float


def likes(index: TrackIndex, query: Query, person: int, plain: Recommendations) -> Query:
    del plain
    random, genres = derive(person, "likes"), index.columns.genres
    rows = np.arange(len(index))
    if genres.names:
        genre = genres.codes[random.integers(len(genres.codes))]
        rows = np.flatnonzero(genres.rows_with([genres.names[genre]]))
    liked = random.choice(rows, min(LIKES, len(rows)), replace=False)
    return replace(query, likes=tuple(index.tracks["track_id"][liked.tolist()]))


def feedback(index: TrackIndex, query: Query, person: int, plain: Recommendations) -> Query:
    del plain
    rows = derive(person, "feedback").choice(len(index), EVENTS, replace=False).tolist()
    events = tuple(
        FeedbackEvent(
            key=str(row),
            track_id=index.tracks["track_id"][row],
            mood=index.taxonomy.names[index.leading[row]],
            action="like" if i % 2 else "skip",
            at=YESTERDAY,
        )
        for i, row in enumerate(rows)
    )
    return replace(query, feedback=events, today=TODAY)


def both(index: TrackIndex, query: Query, person: int, plain: Recommendations) -> Query:
    return feedback(index, likes(index, query, person, plain), person, plain)


def shown(index: TrackIndex, query: Query, person: int, plain: Recommendations) -> Query:
    del index, person
    seen = tuple(ShownEvent(track_id=r.track_id, at=YESTERDAY) for r in plain.recommendations)
    return replace(query, shown=seen, today=TODAY)


def seed(index: TrackIndex, query: Query, person: int, plain: Recommendations) -> Query:
    del index, plain
    return replace(query, seed=person)


def nothing(index: TrackIndex, query: Query, person: int, plain: Recommendations) -> Query:
    del index, person, plain
    return query


SAID: dict[str, Words] = {
    "nothing": nothing,
    f"{LIKES} likes": likes,
    f"{EVENTS} likes and skips in a mood": feedback,
    "both": both,
    "the same journey shown yesterday": shown,
    "a seed": seed,
}


def journeys(index: TrackIndex, words: Words) -> Iterator[Changed]:
    for person, (start, goal) in enumerate(permutations(index.taxonomy.offered, 2)):
        query = Query(journey=Journey(start=start, goal=goal), n=N, artist_cap=CAP)
        plain = recommend(index, query)
        asked = words(index, query, person, plain)
        started = time.process_time()
        answer = recommend(index, asked)
        seconds = time.process_time() - started
        yield _beside(plain, answer, seconds)


def _beside(plain: Recommendations, answer: Recommendations, seconds: float) -> Changed:
    before = {r.track_id for r in plain.recommendations}
    repeated = sum(r.track_id in before for r in answer.recommendations)
    report = answer.journey
    assert report is not None  # noqa: S101 -- it was asked for
    return Changed(
        other=1 - repeated / len(answer.recommendations),
        ratio=_cost(report) / _cost(plain.journey),
        proven=report.proven,
        repeated=repeated,
        kept=(report.largest_step or 0) <= report.step_bound,
        led=(_led(answer, 1), _led(answer, N // 3)),
        seconds=seconds,
    )


def _led(answer: Recommendations, count: int) -> float:
    """Return the share of the first and last ``count`` tracks that the mood of their end leads."""
    journey, moods = answer.query.journey, [r.mood for r in answer.recommendations]
    assert journey is not None  # noqa: S101 -- it was asked for
    near = [mood == journey.start for mood in moods[:count]]
    far = [mood == journey.goal for mood in moods[-count:]]
    return float(np.mean(near + far))


def _cost(report: JourneyReport | None) -> float:
    assert report is not None  # noqa: S101 -- it was asked for
    return report.fit_cost + report.transition_cost


def table(index: TrackIndex) -> tuple[str, bool]:
    """Return the table as markdown, and whether each journey kept its promises."""
    recommend(index, both(index, Query(mood=index.taxonomy.offered[0]), 0, None))  # type: ignore[arg-type]  # warm
    found = {name: list(journeys(index, words)) for name, words in SAID.items()}
    kept = all(changed.kept for each in found.values() for changed in each)
    yesterday = found["the same journey shown yesterday"]
    fresh = all(changed.repeated <= most_repeated(N) for changed in yesterday)
    ends, thirds = np.mean([changed.led for changed in found["nothing"]], axis=0)
    lines = [
        f"Journeys of {N} tracks between all pairs of moods, over {len(index):,} tracks, artist",
        f"cap {CAP}, with 95 % intervals over journeys. Cost: of fit and transitions, over that of",
        "the journey without a word. Seconds: of one thread's work.",
        "",
        "| said | other tracks | cost, mean | cost, most | proven | s, median | s, slowest |",
        "|---|---|---|---|---|---|---|",
        *(_row(name, each) for name, each in found.items()),
        "",
        f"Of somebody unknown the mood of the end leads {ends:.0%} of the first and last tracks,",
        f"and {thirds:.0%} of the first and last {N // 3}.",
        "",
        f"- no step longer than its bound: {'met' if kept else 'missed'}",
        f"- at least 30 % are not yesterday's: {'met' if fresh else 'missed'}",
    ]
    return "\n".join(lines), kept and fresh


def _row(name: str, found: list[Changed]) -> str:
    seconds = [changed.seconds for changed in found]
    other, ratio = _mean([c.other for c in found]), _mean([c.ratio for c in found])
    return (
        f"| {name} | {other.value:.0%} [{other.low:.0%}, {other.high:.0%}] | {ratio.value:.3f} "
        f"[{ratio.low:.3f}, {ratio.high:.3f}] | {max(c.ratio for c in found):.3f} | "
        f"{np.mean([c.proven for c in found]):.0%} | {np.median(seconds):.2f} | "
        f"{max(seconds):.2f} |"
    )


def _mean(values: list[float]) -> Figure:
    drawn = resamples(len(values), 0, "journeys") @ np.array(values) / len(values)
    return figure(float(np.mean(values)), drawn)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--model", type=Path, required=True)
    text, met = table(load_bundle(parser.parse_args().model).index)
    print(text)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
