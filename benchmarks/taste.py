"""Taste on real people's favorites: what is hidden of them, and found again.

    python benchmarks/taste.py --data DIR --figure docs/figures/taste_over_histories.png

Five of each listener's favorites are hidden, a tenth of the listeners are in no history at all,
the whole catalog is ranked without what is known, with no cap on artists; five splits, seeds 0 to
4. A listener's value is the mean over the splits; intervals are a bootstrap over listeners.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from surroundings import Tables

from moodtune.catalog.readers import read_catalog
from moodtune.evaluation import list_metrics
from moodtune.evaluation.intervals import Figure, figure, resamples
from moodtune.features.matrix import feature_matrix
from moodtune.preferences.co_listening import matrix
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.preferences.collaborative_training import train_collaborative
from moodtune.preferences.content import ContentIndex, ContentSettings
from moodtune.preferences.histories import Histories, read_histories
from moodtune.preferences.taste import TasteModel
from moodtune.ranking.scoring import best_first
from moodtune.seeding import derive

TITLE = "Taste: hidden favorites found again"
HIDDEN = 5
PLACES = 10
SEEDS = range(5)
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
#: nDCG@10 that content alone, and histories, must reach.
CONTENT_BAR = 0.105
HISTORIES_BAR = 0.205

#: Sharing an artist first, then the sound: the best simple rule known before.
SAME_ARTIST = ContentSettings(
    spread=0, same_year=0, same_album=0, genre_and_era=0, sound=0.01, width=0.2
)

Scorer = Callable[[NDArray[np.int32]], NDArray[np.float32]]
METRICS = ("nDCG@10", "recall@10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """``known`` and ``hidden`` favorites; ``cold`` listeners are in no history."""

    seed: int
    known: Histories
    hidden: Histories
    cold: NDArray[np.bool_]

    def histories(self, share: float) -> Histories:
        """Return what is known of a share of the listeners who are not cold."""
        warm = derive(self.seed, "share").permutation(np.flatnonzero(~self.cold))
        chosen = np.zeros(len(self.known), dtype=np.bool_)
        chosen[warm[: round(share * len(warm))]] = True
        return self.known.keep(chosen[self.known.listeners])


def split(favorites: Histories, seed: int) -> Split:
    hidden = np.zeros(len(favorites.rows), dtype=np.bool_)
    numbers = derive(seed, "hidden")
    for start, length in zip(favorites.starts[:-1], favorites.lengths, strict=True):
        hidden[start + numbers.permutation(length)[:HIDDEN]] = True
    cold = np.zeros(len(favorites), dtype=np.bool_)
    cold[derive(seed, "cold").permutation(len(favorites))[: len(favorites) // 10]] = True
    return Split(seed=seed, known=favorites.keep(~hidden), hidden=favorites.keep(hidden), cold=cold)


def measured(parts: Split, scorers: Mapping[str, Scorer]) -> dict[str, NDArray[np.float64]]:
    """Return nDCG@10 and recall@10 of each listener [shape=(n_listeners, 2)] by each scorer."""
    lists = {name: np.empty((len(parts.known), PLACES), dtype=np.intp) for name in scorers}
    for listener in range(len(parts.known)):
        likes = parts.known.of(listener)
        for name, scorer in scorers.items():
            scores = scorer(likes).copy()
            scores[likes] = -np.inf
            lists[name][listener] = best_first(scores, PLACES)
    wanted, counts = [parts.hidden.of(i) for i in range(len(parts.hidden))], parts.hidden.lengths
    found = {name: list_metrics.hits(rows, wanted) for name, rows in lists.items()}
    return {
        name: np.stack([list_metrics.ndcg(h, counts), list_metrics.recall(h, counts)], axis=1)
        for name, h in found.items()
    }


def cosine(histories: Histories) -> Scorer:
    """Return item-item cosine as it is written everywhere: no shrinkage, all neighbors."""
    tracks, listened = matrix(histories)
    shared = (listened.T @ listened).toarray()
    lengths = np.sqrt(shared.diagonal())
    shared /= lengths[:, None] * lengths
    np.fill_diagonal(shared, 0)
    place = np.full(histories.n_tracks, -1)
    place[tracks] = np.arange(len(tracks))

    def score(likes: NDArray[np.int32]) -> NDArray[np.float32]:
        at = place[likes]
        scores = np.zeros(histories.n_tracks, dtype=np.float32)
        scores[tracks] = shared[at[at >= 0]].sum(axis=0)
        return scores

    return score


def baselines(parts: Split, content: ContentIndex, same_artist: ContentIndex) -> dict[str, Scorer]:
    histories = parts.histories(1.0)
    counts = np.bincount(histories.rows, minlength=histories.n_tracks).astype(np.float32)
    numbers = derive(parts.seed, "random")
    return {
        "random": lambda _: numbers.random(histories.n_tracks, dtype=np.float32),
        "popularity": lambda _: counts,
        "sound alone": lambda likes: content.scores(likes).sound.everywhere(),
        "same artist, then sound": lambda likes: same_artist.scores(likes).total(),
        "item-item cosine": cosine(histories),
    }


def once(score: Scorer) -> Scorer:
    """Return ``score``, which need not be called again for the same likes at once."""
    last: list[tuple[bytes, NDArray[np.float32]]] = []

    def remembered(likes: NDArray[np.int32]) -> NDArray[np.float32]:
        key = likes.tobytes()
        if not last or last[0][0] != key:
            last[:] = [(key, score(likes))]
        return last[0][1]

    return remembered


def ours(content: ContentIndex, model: CollaborativeModel) -> dict[str, Scorer]:
    """Return content, histories and both; x / (1 + |x|) changes no order and is left out."""
    said = once(lambda likes: content.scores(likes).total())
    # Weighed by 1: where the strength is 0, histories alone would say nothing at all.
    heard = once(replace(model, strength=np.array(1, dtype=np.float32)).scores)
    return {
        "content": said,
        "histories": heard,
        "both": lambda likes: said(likes) + model.strength * heard(likes),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Per method and share, a listener's value in each split.

    ``values``: [shape=(n_splits, n_listeners, 2)]; ``cold``: [shape=(n_splits, n_listeners)].
    """

    values: Mapping[tuple[str, float], NDArray[np.float64]]
    strengths: Mapping[float, tuple[float, ...]]
    cold: NDArray[np.bool_]


def measure(data: Path, seeds: range = SEEDS, shares: tuple[float, ...] = SHARES) -> Results:
    catalog = read_catalog(data / "favorites_catalog.csv")
    favorites = read_histories(data / "favorites.parquet", catalog.tracks)
    features = feature_matrix(catalog)
    content = ContentIndex.of(catalog.tracks, features)
    same_artist = ContentIndex.of(catalog.tracks, features, SAME_ARTIST)
    values: dict[tuple[str, float], list[NDArray[np.float64]]] = {}
    strengths: dict[float, list[float]] = {share: [] for share in shares}
    cold = []
    for seed in seeds:
        parts = split(favorites, seed)
        cold.append(parts.cold)
        for name, each in measured(parts, baselines(parts, content, same_artist)).items():
            values.setdefault((name, 1.0), []).append(each)
        for share in shares:
            model = train_collaborative(parts.histories(share), content, seed=seed)
            strengths[share].append(float(model.strength))
            for name, each in measured(parts, ours(content, model)).items():
                values.setdefault((name, share), []).append(each)
            print(f"seed {seed}, {share:.0%}: strength {model.strength}", file=sys.stderr)
    return Results(
        values={key: np.array(each) for key, each in values.items()},
        strengths={share: tuple(each) for share, each in strengths.items()},
        cold=np.array(cold),
    )


def mean_of(
    values: NDArray[np.float64], counted: NDArray[np.bool_], *, recentred: bool = False
) -> Figure:
    """Return the mean of the values that count, with its interval over listeners.

    ``values`` and ``counted``: [shape=(n_splits, n_listeners)].
    """
    sums, counts = (values * counted).sum(axis=0), counted.sum(axis=0)
    draws = resamples(len(sums), 0, "taste")
    drawn = (draws @ sums) / np.maximum(draws @ counts, 1)
    return figure(float(sums.sum() / counts.sum()), drawn, recentre=recentred)


def shown(found: Figure) -> str:
    return f"{found.value:.4f} [{found.low:.4f}, {found.high:.4f}]"


def table(results: Results) -> Iterator[str]:
    everyone = np.ones_like(results.cold)
    yield "| | nDCG@10, all listeners | recall@10, all | nDCG@10, in no history | recall@10 |"
    yield "|---|---|---|---|---|"
    for (name, share), values in results.values.items():
        if share == 1:
            cells = [
                shown(mean_of(values[:, :, metric], counted))
                for counted in (everyone, results.cold)
                for metric in range(len(METRICS))
            ]
            yield f"| {name} | {' | '.join(cells)} |"


def curve(results: Results) -> dict[str, list[Figure]]:
    """Return nDCG@10 of content, histories and both over SHARES."""
    everyone = np.ones_like(results.cold)
    shares = sorted({share for _, share in results.values})
    return {
        name: [mean_of(results.values[name, share][:, :, 0], everyone) for share in shares]
        for name in ("content", "histories", "both")
    }


def gains(results: Results) -> dict[float, Figure]:
    """Return by how much both are above the better one of the two, paired, for each share."""
    everyone = np.ones_like(results.cold)
    found = {}
    for share in sorted({share for _, share in results.values}):
        each = {n: results.values[n, share][:, :, 0] for n in ("content", "histories", "both")}
        better = max(("content", "histories"), key=lambda name: each[name].mean())
        found[share] = mean_of(each["both"] - each[better], everyone)
    return found


def curve_table(results: Results) -> Iterator[str]:
    lines, better = curve(results), gains(results)
    yield "| histories | content | histories | both | both less the better one | strength |"
    yield "|---|---|---|---|---|---|"
    none = lines["content"][0]
    yield f"| 0 % | {shown(none)} | | {shown(none)} | | |"
    for i, (share, gain) in enumerate(better.items()):
        cells = " | ".join(shown(lines[name][i]) for name in lines)
        strengths = ", ".join(f"{s:g}" for s in results.strengths[share])
        yield f"| {share:.0%} | {cells} | {shown(gain)} | {strengths} |".replace("%", " %")


def verdict(results: Results) -> tuple[list[str], bool]:
    last = {name: each[-1].value for name, each in curve(results).items()}
    worst = min(gain.value for gain in gains(results).values())
    bars = {
        f"content alone {last['content']:.4f}, at least {CONTENT_BAR}": last["content"]
        >= CONTENT_BAR,
        f"histories {last['histories']:.4f}, at least {HISTORIES_BAR}": last["histories"]
        >= HISTORIES_BAR,
        f"both less the better one {worst:+.4f} at worst, at least 0": worst >= 0,
    }
    lines = [f"- {bar}: {'met' if met else 'missed'}" for bar, met in bars.items()]
    return lines, all(bars.values())


def report(results: Results) -> tuple[str, bool]:
    bars, met = verdict(results)
    return "\n".join([*table(results), "", *curve_table(results), "", *bars]), met


def seconds_per_taste(catalog: Path, *, likes: int = 20, times: int = 200) -> tuple[int, float]:
    """Return how many tracks a catalog has, and the median time of a taste of ``likes`` of them."""
    tracks = read_catalog(catalog)
    model = TasteModel(content=ContentIndex.of(tracks.tracks, feature_matrix(tracks)))
    numbers, taken = derive(0, "speed"), []
    for _ in range(times):
        rows = numbers.choice(len(tracks), likes, replace=False)
        started = time.perf_counter()
        taste = model.of(rows)
        assert taste is not None  # noqa: S101 -- there are likes
        taste.scores()
        taken.append(time.perf_counter() - started)
    return len(tracks), float(np.median(taken))


def speed(catalog: Path) -> str:
    n_tracks, seconds = seconds_per_taste(catalog)
    return f"- the taste of 20 likes over {n_tracks:,} tracks: {seconds * 1000:.1f} ms (median)"


def run(tables: Tables, scratch: Path, *, times: int) -> tuple[str, bool]:
    """Return the tables as markdown, and whether the bars are met; nothing without favorites."""
    del scratch, times  # nothing is written, and the five splits are the repetition
    listening = tables.catalog.parent.parent / "listening"
    if not listening.is_dir():
        return "Not measured: it needs the real table of favorites (--data).", True
    text, met = report(measure(listening))
    return f"{text}\n{speed(tables.catalog)}", met


def main() -> int:
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--data", type=Path, default=os.environ.get("MOODTUNE_DATA"))
    parser.add_argument("--figure", type=Path, help="draw the curve over the histories here")
    parser.add_argument("--speed", action="store_true", help="only time a query")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of real tables with --data, or in MOODTUNE_DATA")
    timed = speed(Path(options.data) / "catalog" / "spotify_tracks_114k.csv")
    if options.speed:
        print(timed)
        return 0
    results = measure(Path(options.data) / "listening")
    text, met = report(results)
    print(f"{text}\n{timed}")
    if options.figure:
        from taste_figure import draw

        options.figure.parent.mkdir(parents=True, exist_ok=True)
        options.figure.write_bytes(draw(curve(results)))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
