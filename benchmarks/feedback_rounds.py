"""Feedback over many rounds, by listeners whose taste is real people's favorites.

    python benchmarks/feedback_rounds.py --data DIR --figure docs/figures/feedback_rounds.png

Each listener asks for moods that their favorites carry, a round a day, gets ten tracks, likes those
that are among their favorites and skips the others (``simulated_listeners``). The same moods are
asked without telling the reactions, and telling another listener's: what that gains is only that
skipped tracks make room for others. Differences are paired; intervals are a bootstrap over
listeners. Constants were chosen on listeners of the other half (``--half choosing``).
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from simulated_listeners import RULES, Listener, Played, Protocol, at_best, at_random, play
from surroundings import Tables

from moodtune.evaluation.intervals import Figure, figure, resamples
from moodtune.pipeline import train
from moodtune.preferences.collaborative_training import train_collaborative
from moodtune.preferences.histories import Histories, read_histories
from moodtune.ranking.index import TrackIndex
from moodtune.seeding import derive

TITLE = "Feedback: favorites found over fifty rounds"
LISTENERS = 300

WITH, WITHOUT = "with feedback", "without feedback"
ANOTHERS, RANDOM = "with another's feedback", "random tracks of the mood"
BEST = "favorites that the mood leads"
ARMS = (WITH, WITHOUT, ANOTHERS, RANDOM, BEST)

Half = Literal["reported", "choosing"]
HALVES: tuple[Half, ...] = get_args(Half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the lists of one arm had, for each listener and round [shape=(n_listeners, rounds)].

    ``hits``  1 where a favorite stands in the list, be it for the second time: a hit rate's terms
    ``new``   favorites that no list before had
    ``fits``  the mean probability of the asked mood
    """

    hits: NDArray[np.float64]
    new: NDArray[np.float64]
    fits: NDArray[np.float64]

    @classmethod
    def of(cls, played: list[Played], listeners: list[Listener]) -> "Outcome":
        pairs = list(zip(played, (each.favorites for each in listeners), strict=True))
        return cls(
            hits=np.array([p.found(f).any(axis=1) for p, f in pairs], dtype=float),
            new=np.array([p.new(f).sum(axis=1) for p, f in pairs], dtype=float),
            fits=np.array([p.fits for p in played]),
        )

    def values(self) -> dict[str, NDArray[np.float64]]:
        """Return each listener's figures [shape=(n_listeners,)] by name; a fifth is 10 of 50."""
        fifth = max(self.hits.shape[1] // 5, 1)
        first, last = self.hits[:, :fifth].mean(axis=1), self.hits[:, -fifth:].mean(axis=1)
        return {
            HIT_FIRST: first,
            HIT_LAST: last,
            RISE: last - first,
            NEW: self.new.sum(axis=1),
            NEW_LAST: self.new[:, -fifth:].sum(axis=1),
            FIT: self.fits[:, -fifth:].mean(axis=1),
        }


HIT_FIRST, HIT_LAST = "hit rate, first fifth of the rounds", "hit rate, last fifth"
RISE, FIT = "rise", "mood fit, last fifth"
NEW, NEW_LAST = "new favorites", "of them in the last fifth"


def sample(favorites: Histories, n: int, half: Half) -> NDArray[np.intp]:
    """Return ``n`` listeners of a half, drawn; no listener is in both halves."""
    drawn = derive(0, "listeners").permutation(len(favorites))
    middle = len(drawn) // 2
    return (drawn[:middle] if half == "choosing" else drawn[middle:])[:n]


def simulate(
    index: TrackIndex, favorites: Histories, numbers: NDArray[np.intp], protocol: Protocol
) -> dict[str, Outcome]:
    """Return the outcome of each arm of ARMS."""
    listeners = [Listener.of(index, favorites.of(n), int(n), protocol) for n in numbers.tolist()]
    played: dict[str, list[Played]] = {arm: [] for arm in ARMS}
    for place, listener in enumerate(listeners):
        another = listeners[(place + 1) % len(listeners)]
        for arm, heard in (
            (WITH, listener.favorites),
            (WITHOUT, None),
            (ANOTHERS, another.favorites),
        ):
            played[arm].append(play(index, listener, protocol, heard=heard))
        played[RANDOM].append(at_random(index, listener, protocol))
        played[BEST].append(at_best(index, listener, protocol))
        if not (place + 1) % 25:
            print(f"{place + 1} of {len(listeners)} listeners", file=sys.stderr)
    return {arm: Outcome.of(each, listeners) for arm, each in played.items()}


def mean_of(values: NDArray[np.float64]) -> Figure:
    """Return the mean over listeners [shape=(n_listeners,)], with its 95 % interval."""
    draws = resamples(len(values), 0, "feedback rounds")
    return figure(float(values.mean()), draws @ values / len(values))


def differences(outcomes: Mapping[str, Outcome]) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Return by how much each listener's figures with feedback are above two other arms'."""
    of_arm = {arm: outcome.values() for arm, outcome in outcomes.items()}
    return {
        f"{WITH}, less {other}": {
            name: value - of_arm[other][name] for name, value in of_arm[WITH].items()
        }
        for other in (WITHOUT, ANOTHERS)
    }


def shown(found: Figure) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def table(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    lines = {arm: outcome.values() for arm, outcome in outcomes.items()} | differences(outcomes)
    names = list(lines[WITH])
    yield f"| | {' | '.join(names)} |"
    yield "|---|" + "---|" * len(names)
    for name, values in lines.items():
        yield f"| {name} | {' | '.join(shown(mean_of(v)) for v in values.values())} |"


def verdict(outcomes: Mapping[str, Outcome]) -> tuple[list[str], bool]:
    """Return a line for each bar, and whether all are met: an interval that is all above 0."""
    lines, all_met = [], True
    for name, values in differences(outcomes).items():
        for bar in (HIT_LAST, RISE, NEW):
            found = mean_of(values[bar])
            all_met &= found.low > 0
            met = "met" if found.low > 0 else "missed"
            lines.append(f"- {bar}, {name}: {shown(found)}, above 0: {met}")
    return lines, all_met


def report(outcomes: Mapping[str, Outcome]) -> tuple[str, bool]:
    bars, met = verdict(outcomes)
    return "\n".join([*table(outcomes), "", *bars]), met


def curves(outcomes: Mapping[str, Outcome]) -> dict[str, dict[str, list[Figure]]]:
    """Return the hit rate of each round, and the new favorites found until then, of each arm."""
    return {
        "hits": {a: [mean_of(each) for each in o.hits.T] for a, o in outcomes.items()},
        "new": {a: [mean_of(each) for each in o.new.cumsum(axis=1).T] for a, o in outcomes.items()},
    }


def trained(
    folder: Path, n_listeners: int, half: Half, *, histories: bool
) -> tuple[TrackIndex, Histories, NDArray[np.intp]]:
    """Return an index of the favorites' catalog, the favorites, and the listeners to simulate.

    With ``histories`` it has learnt from those of everybody who is not simulated.
    """
    index = train(folder / "favorites_catalog.csv").bundle.index
    favorites = read_histories(folder / "favorites.parquet", index.tracks)
    numbers = sample(favorites, n_listeners, half)
    if histories:
        others = favorites.keep(~np.isin(favorites.listeners, numbers))
        index = replace(index, histories=train_collaborative(others, index.taste.content, seed=0))
    return index, favorites, numbers


def run(tables: Tables, scratch: Path, *, times: int) -> tuple[str, bool]:
    """Return the table as markdown, and whether the bars are met; nothing without favorites."""
    del scratch, times  # nothing is written, and the listeners are the repetition
    listening = tables.catalog.parent.parent / "listening"
    if not listening.is_dir():
        return "Not measured: it needs the real table of favorites (--data).", True
    index, favorites, numbers = trained(listening, LISTENERS, "reported", histories=False)
    return report(simulate(index, favorites, numbers, Protocol()))


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--data", type=Path, default=os.environ.get("MOODTUNE_DATA"))
    parser.add_argument("--listeners", type=int, default=LISTENERS, help="how many are simulated")
    parser.add_argument("--half", choices=HALVES, default="reported")
    parser.add_argument("--rule", choices=RULES, default="favorites", help="moods asked for")
    parser.add_argument("--skipped", type=float, default=1.0, help="share of the rest, 0 to 1")
    parser.add_argument("--histories", action="store_true", help="learn from all others' as well")
    parser.add_argument("--figure", type=Path, help="draw the rounds here")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("name the folder of real tables with --data, or in MOODTUNE_DATA")
    return options


def main() -> int:
    options = options_of()
    index, favorites, numbers = trained(
        Path(options.data) / "listening",
        options.listeners,
        options.half,
        histories=options.histories,
    )
    protocol = Protocol(rule=options.rule, skipped=options.skipped)
    outcomes = simulate(index, favorites, numbers, protocol)
    text, met = report(outcomes)
    print(f"{len(numbers)} listeners of the {options.half} half, {protocol}\n\n{text}")
    if options.figure:
        from feedback_rounds_figure import draw

        options.figure.parent.mkdir(parents=True, exist_ok=True)
        options.figure.write_bytes(draw(curves(outcomes), len(numbers)))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
