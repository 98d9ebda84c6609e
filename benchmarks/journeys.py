"""Journeys between all pairs of moods: how good, how quick, and beside what.

    python benchmarks/journeys.py --model output/model [--figure docs/figures/journey.png]

A greedy walk takes at each place the cheapest lawful track that can follow, from the same
candidates and under the same bound; the greedy and the random order are of the journey's own
tracks. ``--figure`` draws the journey from melancholy to happy in 45 minutes.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from surroundings import Tables

from moodtune.artifacts import load_bundle
from moodtune.pipeline import train
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.journey_answers import ground_for
from moodtune.ranking.journeys import Journey, JourneyReport
from moodtune.ranking.query import Query, Recommendations
from moodtune.ranking.recommending import journey_ends, recommend
from moodtune.ranking.routes import ArtistRules, Layers

TITLE = "Journeys between moods"
N, MINUTES, CAP = 12, 45.0, 2
MOST_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Travelled:
    seconds: float
    report: JourneyReport
    walk: float | None  # what a greedy walk costs; None where it comes to a dead end


def walk_cost(layers: Layers, rules: ArtistRules) -> float | None:
    """Return what a greedy walk costs: fit and transitions, place by place."""
    chosen: list[int] = []
    cost = 0.0
    for place, own in enumerate(layers.own):
        costs = own + (layers.moves[place][chosen[-1]] if chosen else 0)
        for at in np.argsort(costs, kind="stable"):
            tracks = [int(layers.rows[i][c]) for i, c in enumerate([*chosen, int(at)])]
            if np.isfinite(costs[at]) and not rules.cases(tracks):
                break
        else:
            return None
        chosen.append(int(at))
        cost += float(costs[at])
    return cost


def journeys(index: TrackIndex, *, minutes: float | None) -> Iterator[Travelled]:
    for start, goal in permutations(index.taxonomy.offered, 2):
        query = Query(
            journey=Journey(start=start, goal=goal),
            n=N if minutes is None else None,
            minutes=minutes,
            artist_cap=CAP,
        )
        started = time.perf_counter()
        answer = recommend(index, query)
        seconds = time.perf_counter() - started
        assert answer.journey is not None  # noqa: S101 -- it was asked for
        yield Travelled(
            seconds=seconds, report=answer.journey, walk=_walk(index, query, answer.journey)
        )


def _walk(index: TrackIndex, query: Query, report: JourneyReport) -> float | None:
    if query.minutes is not None or query.journey is None:
        return None
    everything = np.ones(len(index), dtype=np.bool_)
    mixes = journey_ends(index.taxonomy, query, query.journey)
    _, ground = ground_for(index, query, everything, mixes)
    rules = ArtistRules(artists=index.columns.artists, cap=CAP, gap=0)
    return walk_cost(ground.layers(len(report.places)).within(report.step_bound), rules)


def table(index: TrackIndex) -> tuple[str, bool]:
    """Return the tables as markdown, and whether each journey kept its promises in time."""
    recommend(index, Query(journey=Journey(start=(0.2, 0.2), goal=(0.8, 0.8)), n=2))  # warm
    by_number = list(journeys(index, minutes=None))
    by_length = list(journeys(index, minutes=MINUTES))
    both = by_number + by_length
    kept = all((t.report.largest_step or 0) <= t.report.step_bound for t in both)
    slowest = max(t.seconds for t in both)
    promised, quick = ("met" if bar else "missed" for bar in (kept, slowest <= MOST_SECONDS))
    median = np.median([t.seconds for t in both])
    lines = [
        f"{len(by_number)} journeys of {N} tracks and as many of {MINUTES:g} minutes",
        f"between all pairs of moods, over {len(index):,} tracks, artist cap {CAP}.",
        "",
        f"| of {N} tracks | mean over journeys |",
        "|---|---|",
        *_costs(by_number),
        "",
        f"| of {MINUTES:g} minutes | |",
        "|---|---|",
        *_lengths(by_length),
        "",
        f"- no step longer than its bound: {promised}",
        f"- slowest {slowest:.2f} s, median {median:.2f} s, at most {MOST_SECONDS:g} s: {quick}",
    ]
    return "\n".join(lines), kept and slowest <= MOST_SECONDS


def _costs(found: list[Travelled]) -> Iterator[str]:
    reports = [t.report for t in found]
    ended = [t for t in found if t.walk is not None]
    ratio = np.mean([t.walk / (t.report.fit_cost + t.report.transition_cost) for t in ended])
    proven = np.mean([r.proven for r in reports])
    yield f"| proven to be the best among their candidates | {proven:.0%} |"
    for name, field in (
        ("largest step", "largest_step"),
        ("mean step", "mean_step"),
        ("bound on steps", "step_bound"),
        ("fit cost", "fit_cost"),
        ("transition cost", "transition_cost"),
        ("transition cost, the same tracks in greedy order", "greedy_order_cost"),
        ("transition cost, the same tracks in random order", "random_order_cost"),
    ):
        yield f"| {name} | {np.mean([getattr(r, field) for r in reports]):.3f} |"
    yield f"| fit and transition cost of a greedy walk over the journey's | {ratio:.2f} |"
    yield f"| greedy walks that come to a dead end | {len(found) - len(ended)} of {len(found)} |"


def _lengths(found: list[Travelled]) -> Iterator[str]:
    gaps = [60 * (MINUTES - (t.report.minutes or 0)) for t in found]
    yield f"| seconds short of the length, mean | {np.mean(gaps):.1f} |"
    yield f"| seconds short of the length, most | {max(gaps):.1f} |"
    yield f"| journeys that are too long | {sum(gap < 0 for gap in gaps)} |"
    numbers = [len(t.report.places) for t in found]
    yield f"| tracks | {min(numbers)} to {max(numbers)} |"
    costs = np.mean([t.report.fit_cost + t.report.transition_cost for t in found])
    yield f"| fit and transition cost | {costs:.3f} |"


def run(tables: Tables, scratch: Path, *, times: int) -> tuple[str, bool]:
    del scratch, times  # nothing is written, and the pairs of moods are the repetition
    return table(train(tables.catalog, None).bundle.index)


def draw(index: TrackIndex, answer: Recommendations, *, synthetic: bool) -> bytes:
    from moodtune.reports.journey_figure import DrawnJourney, draw_journey
    from moodtune.reports.style import png

    assert answer.journey is not None  # noqa: S101 -- it was asked for
    ids = {track: row for row, track in enumerate(index.tracks["track_id"])}
    return png(
        draw_journey(
            DrawnJourney(
                index=index,
                rows=[ids[r.track_id] for r in answer.recommendations],
                report=answer.journey,
                start="melancholy",
                goal="happy",
                synthetic=synthetic,
            )
        )
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--figure", type=Path, help="write the picture here, and measure nothing")
    options = parser.parse_args()
    bundle = load_bundle(options.model)
    if options.figure:
        query = Query(journey=Journey(start="melancholy", goal="happy"), minutes=MINUTES)
        answer = recommend(bundle.index, query)
        options.figure.write_bytes(draw(bundle.index, answer, synthetic=bundle.manifest.synthetic))
        return 0
    text, met = table(bundle.index)
    print(text)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
