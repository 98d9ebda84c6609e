"""Choose the song mood model, and say how well it agrees with people.

    python benchmarks/mood_models.py --data DIR            # candidates, on the choosing playlists
    python benchmarks/mood_models.py --data DIR --final    # the model kept, on all rows
    python benchmarks/mood_models.py --data DIR --catalogs # its spread and stability, no labels

Nothing is trained on a label. Candidates share the places and cues of ``moods.toml`` and differ in
form; each is calibrated alike (moods equally common on the catalog, a stated median of the largest
probability) and measured on three playlists per mood only: in the order of their names every
second one from the first (X_mood, X_mood_2, X_mood_4). The candidates of the first round are in
this file as of commit f6310a5. See docs/decisions/0001-mood-model.md.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import norm, spearmanr
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import RankTable
from moodtune.moods.mood_points import MoodPoints, mood_points
from moodtune.moods.plane import Plane
from moodtune.moods.reference import music_at_large
from moodtune.moods.song_model import SongModel, train_song_model
from moodtune.moods.taxonomy import Taxonomy, load_taxonomy

FEATURES = tuple(AUDIO_FEATURES)
MATCH = {
    "Sad": ("melancholy",),
    "Calm": ("calm", "relax", "deep"),
    "Happy": ("happy", "fun"),
    "Energy": ("party", "motivating", "uplifting"),
}
CHOOSING = ("", "_2", "_4")  # endings of the playlists' names; the others are held out

#: Corners of the reference that has the valence and energy columns alone, as ranks.
CORNERS = {"Sad": (0.15, 0.25), "Calm": (0.45, 0.1), "Happy": (0.9, 0.6), "Energy": (0.55, 0.9)}

Array = np.ndarray
Scorer = Callable[[Array], Array]  # ranks (n, 9) -> scores (n, m), before calibration


@dataclass(frozen=True, kw_only=True)
class Labelled:
    features: FeatureMatrix
    labels: Array
    playlists: Array

    def take(self, rows: Array) -> "Labelled":
        return Labelled(
            features=self.features.take(rows),
            labels=self.labels[rows],
            playlists=self.playlists[rows],
        )


def matrix(frame: pl.DataFrame) -> FeatureMatrix:
    values = frame.select(FEATURES).to_numpy().astype(np.float32)
    return FeatureMatrix(names=FEATURES, values=np.ascontiguousarray(values))


def catalog_114k(data: Path) -> FeatureMatrix:
    frame = pl.read_csv(data / "catalog" / "spotify_tracks_114k.csv").drop_nulls("track_name")
    return matrix(frame.unique("track_id", keep="first", maintain_order=True).sort("track_id"))


def labelled(data: Path) -> Labelled:
    frame = pl.read_csv(data / "labels" / "mood_playlists.csv").filter(pl.col("mood") != "Angry")
    frame = frame.unique(["track_id", "mood"], keep="first", maintain_order=True)
    return Labelled(
        features=matrix(frame),
        labels=frame["mood"].to_numpy(),
        playlists=frame["playlist"].to_numpy(),
    )


def is_choosing(playlists: Array) -> Array:
    return np.array([name.split("_mood")[1] in CHOOSING for name in playlists])


def softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def with_background(scores: Array, background: float) -> Array:
    top = np.maximum(scores.max(axis=1, keepdims=True), background)
    powers, shared = np.exp(scores - top), np.exp(background - top)
    total = powers.sum(axis=1, keepdims=True) + shared
    return (powers + shared / scores.shape[1]) / total


def calibrated(scorer: Scorer, catalog: Array, clearness: float, unclear: float) -> Scorer:
    """The scorer's probabilities, its moods equally common on the catalog's ranks."""
    scores = scorer(catalog)
    low, high, offsets, background = 0.05, 1000.0, np.zeros(scores.shape[1]), -9.0
    for _ in range(20):
        sharpness = np.sqrt(low * high)
        for _ in range(30):
            moods = scores * sharpness + offsets
            if unclear:
                share = 1 / (1 + np.exp(moods - background).sum(axis=1))
                background += np.log(unclear / share.mean())
            else:
                background = -1e9
            offsets = offsets - np.log(with_background(moods, background).mean(axis=0))
            offsets -= offsets.mean()
        largest = with_background(scores * sharpness + offsets, background).max(axis=1)
        low, high = (sharpness, high) if np.median(largest) < clearness else (low, sharpness)
    return lambda ranks: with_background(scorer(ranks) * sharpness + offsets, background)


def per_label(probabilities: Array, moods: tuple[str, ...]) -> dict[str, Array]:
    def grouped(names: tuple[str, ...]) -> Array:
        return probabilities[:, [moods.index(n) for n in names if n in moods]].sum(axis=1)

    return {label: grouped(names) for label, names in MATCH.items()}


def measure(scores: dict[str, Array], labels: Array) -> tuple[float, float, dict[str, tuple]]:
    each = {}
    for label, score in scores.items():
        first = np.argsort(-score, kind="stable")[:50]
        each[label] = (roc_auc_score(labels == label, score), (labels[first] == label).mean())
    auc, precision = np.mean(list(each.values()), axis=0)
    return auc, precision, each


def points(taxonomy: Taxonomy, *, cued: bool) -> MoodPoints:
    """The offered moods' points, by their places alone or with their cues."""
    offered = [mood for mood in taxonomy.moods if mood.offered]
    moods = tuple(mood if cued else replace(mood, cues=()) for mood in offered)
    return mood_points(replace(taxonomy, moods=moods), FEATURES, Plane.of(music_at_large()))


def near(ranks: Array, at: Array, weights: Array, distance: Callable[[Array], Array]) -> Array:
    return -np.stack(
        [
            (distance(ranks - point) * weight).sum(axis=1)
            for point, weight in zip(at, weights, strict=True)
        ],
        axis=1,
    )


def huber(bend: float) -> Callable[[Array], Array]:
    return lambda away: bend * bend * (np.sqrt(1 + (away / bend) ** 2) - 1)


def normal(ranks: Array) -> Array:
    return norm.ppf(np.clip(ranks, 0.005, 0.995))


def on_the_plane(taxonomy: Taxonomy) -> Scorer:
    """Squared distance on the plane alone: valence made independent of arousal, and arousal."""
    plane = Plane.of(music_at_large())
    shared = plane.axes[0] @ plane.correlations @ plane.axes[1]
    places = np.array([(m.valence, m.arousal) for m in taxonomy.moods if m.offered]) * 2 - 1

    def scorer(ranks: Array) -> Array:
        valence, arousal = plane.axes @ normal(ranks).T
        there = np.stack([(valence - shared * arousal) / np.sqrt(1 - shared**2), arousal], axis=1)
        return near(there, places, np.ones_like(places), np.square)

    return scorer


def candidates(taxonomy: Taxonomy) -> dict[str, tuple[tuple[str, ...], Scorer, float]]:
    """Name -> (moods, scorer, share of the background)."""
    v, e = FEATURES.index("valence"), FEATURES.index("energy")
    corners = np.array(list(CORNERS.values()))
    found: dict[str, tuple[tuple[str, ...], Scorer, float]] = {
        "reference: valence, energy corners": (
            ("melancholy", "calm", "happy", "party"),
            lambda r: near(r[:, [v, e]], corners, np.ones((4, 2)), np.square),
            0.0,
        ),
        "places, distance on the plane": (taxonomy.offered, on_the_plane(taxonomy), 0.1),
    }
    covariance = Plane.of(music_at_large()).correlations

    def add(name: str, scorer: Scorer, background: float = 0.1) -> None:
        found[name] = (taxonomy.offered, scorer, background)

    for kind, cued in (("places", False), ("places and cues", True)):
        at = points(taxonomy, cued=cued)
        ones, scores = np.ones_like(at.weights), normal(at.prototypes)
        add(f"{kind}, linear in normal scores", lambda r, s=scores: normal(r) @ s.T, 0.0)
        add(f"{kind}, squared normal scores, all features alike",
            lambda r, s=scores, w=ones: near(normal(r), s, w, np.square))  # fmt: skip
        add(f"{kind}, huber .1 of ranks, all features alike",
            lambda r, p=at.prototypes, w=ones: near(r, p, w, huber(0.1)))  # fmt: skip
        add(f"{kind}, squared ranks, as far as moods lie off the middle",
            lambda r, p=at.prototypes, w=at.weights: near(r, p, w, np.square))  # fmt: skip
        add(f"{kind}, huber .1 of ranks, as far as moods lie off the middle",
            lambda r, p=at.prototypes, w=at.weights: near(r, p, w, huber(0.1)))  # fmt: skip
        inverse = np.linalg.inv(0.5 * covariance + 0.5 * np.eye(len(FEATURES)))
        add(f"{kind}, Mahalanobis, half shrunk, linear",
            lambda r, i=inverse, s=scores: normal(r) @ i @ s.T, 0.0)  # fmt: skip
    return found


def choose(data: Path) -> None:
    catalog = catalog_114k(data)
    tables = RankTable.of(catalog), music_at_large().table
    rows = np.random.default_rng(0).permutation(len(catalog))[:6000]
    at_catalog = np.mean([table.ranks(catalog.take(rows)) for table in tables], axis=0)
    people = labelled(data)
    people = people.take(np.flatnonzero(is_choosing(people.playlists)))
    ranks = np.mean([table.ranks(people.features) for table in tables], axis=0)
    tried = candidates(load_taxonomy())
    print(f"{len(tried)} candidates, {len(ranks)} rows of {len(set(people.playlists))} playlists")
    print("| candidate | mean AUC | mean precision@50 | Sad | Calm | Happy | Energy |")
    print("|---|---|---|---|---|---|---|")
    for name, (moods, scorer, background) in tried.items():
        probabilities = calibrated(scorer, at_catalog, 0.35, background)(ranks)
        auc, precision, each = measure(per_label(probabilities, moods), people.labels)
        aucs = " | ".join(f"{each[label][0]:.3f}" for label in MATCH)
        print(f"| {name} | {auc:.3f} | {precision:.2f} | {aucs} |", flush=True)


def corner_scores(catalog: FeatureMatrix, people: Labelled) -> dict[str, Array]:
    table = RankTable.of(catalog.select(("valence", "energy")))
    corners = np.array(list(CORNERS.values()))
    rows = np.random.default_rng(0).permutation(len(catalog))[:6000]
    scorer = calibrated(
        lambda r: near(r, corners, np.ones((4, 2)), np.square),
        table.ranks(catalog.take(rows)).astype(float), 0.4, 0.0,
    )  # fmt: skip
    found = scorer(table.ranks(people.features).astype(float))
    return {label: found[:, j] for j, label in enumerate(CORNERS)}


def bootstrap(
    model: dict[str, Array], reference: dict[str, Array], people: Labelled, n: int = 1000
) -> Array:
    """Draws of (AUC, precision@50, AUC less the reference's, precision less it), by playlist."""
    random = np.random.default_rng(0)
    by_mood = {m: sorted(set(people.playlists[people.labels == m])) for m in MATCH}
    rows_of = {p: np.flatnonzero(people.playlists == p) for p in sorted(set(people.playlists))}
    draws = []
    for _ in range(n):
        rows = np.concatenate(
            [rows_of[p] for ps in by_mood.values() for p in random.choice(ps, len(ps))]
        )
        mine, other = (
            measure({k: v[rows] for k, v in scores.items()}, people.labels[rows])[:2]
            for scores in (model, reference)
        )
        draws.append((*mine, mine[0] - other[0], mine[1] - other[1]))
    return np.array(draws)


def interval(draws: Array) -> str:
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"[{low:.3f}, {high:.3f}]"


def report(name: str, model: SongModel, catalog: FeatureMatrix, people: Labelled) -> None:
    corners = corner_scores(catalog, people)
    held_out = ~is_choosing(people.playlists)
    for part, rows in (
        ("choosing", np.flatnonzero(~held_out)),
        ("held out", np.flatnonzero(held_out)),
        ("all rows", np.arange(len(people.labels))),
    ):
        some = people.take(rows)
        scores = per_label(model.score(some.features).probabilities, model.moods)
        reference = {label: score[rows] for label, score in corners.items()}
        auc, precision, each = measure(scores, some.labels)
        other = measure(reference, some.labels)
        draws = bootstrap(scores, reference, some)
        print(
            f"| {name} | {part} | {auc:.3f} {interval(draws[:, 0])} | "
            f"{precision:.3f} {interval(draws[:, 1])} | {other[0]:.3f} | {other[1]:.3f} | "
            f"{auc - other[0]:+.3f} {interval(draws[:, 2])} | "
            + " ".join(f"{k} {a:.3f}/{p:.2f}" for k, (a, p) in each.items())
            + " |",
            flush=True,
        )


def plane(name: str, model: SongModel, frame: pl.DataFrame) -> None:
    scores = model.score(matrix(frame))
    random = np.random.default_rng(0)
    for axis, ours in (("valence", scores.valence), ("arousal", scores.arousal)):
        theirs = frame[f"human_{axis}"].to_numpy()
        column = frame["energy" if axis == "arousal" else "valence"].to_numpy()
        rows = random.integers(len(theirs), size=(1000, len(theirs)))
        draws = [spearmanr(ours[r], theirs[r]).statistic for r in rows[:300]]
        print(
            f"| {name} | {axis} | {spearmanr(ours, theirs).statistic:.3f} {interval(draws)} | "
            f"{spearmanr(column, theirs).statistic:.3f} |",
            flush=True,
        )


def final(data: Path) -> None:
    people, taxonomy = labelled(data), load_taxonomy()
    human = pl.read_csv(data / "labels" / "valence_arousal.csv")
    whole = catalog_114k(data)
    larger = pl.read_parquet(data / "catalog" / "songs_257k.parquet").unique("track_id")
    quarter = np.random.default_rng(0).permutation(len(whole))[: len(whole) // 4]
    catalogs = {
        "114k": whole,
        "a quarter of 114k": whole.take(np.sort(quarter)),
        "257k": matrix(larger),
    }
    models = {name: train_song_model(catalog, taxonomy) for name, catalog in catalogs.items()}
    print("| trained on | rows | mean AUC | mean precision@50 | corners' AUC | corners' p@50 |"
          " AUC less corners' | each |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for name, model in models.items():
        report(name, model, catalogs[name], people)
    print("\n| trained on | axis | Spearman with people's | the column alone |\n|---|---|---|---|")
    for name, model in models.items():
        plane(name, model, human)


def spread(name: str, model: SongModel, catalog: FeatureMatrix) -> None:
    scores = model.score(catalog)
    leads = np.bincount(scores.leading, minlength=len(model.moods)) / len(scores)
    print(f"{name}: median largest {np.median(scores.probabilities.max(axis=1)):.2f}, "
          f"median confidence {np.median(scores.confidence):.2f}; "
          + ", ".join(f"{m} {100 * s:.1f}%" for m, s in zip(model.moods, leads, strict=True)),
          flush=True)  # fmt: skip


def sides(name: str, model: SongModel, catalog: FeatureMatrix, taxonomy: Taxonomy) -> None:
    """Print where the ten best tracks of each mood lie on the features of its own cues.

    A mean on the cue's other side of the catalog's middle is called WRONG.
    """
    ranks = RankTable.of(catalog).ranks(catalog)
    probabilities = model.score(catalog).probabilities
    for column, mood in enumerate(taxonomy.moods):
        best = np.argsort(-probabilities[:, column], kind="stable")[:10]
        mean = dict(zip(FEATURES, ranks[best].mean(axis=0), strict=True))
        said = [
            f"{cue.feature} {mean[cue.feature]:.2f}"
            + (" WRONG" if (cue.rank - 0.5) * (mean[cue.feature] - 0.5) < 0 else "")
            for cue in mood.cues
            if mood.offered or cue.rank >= 0.5
        ]
        fit = model.fit(catalog.take(best), mood.name).mean()
        print(f"  {name} {mood.name}: fit of the ten best {fit:.2f}; {', '.join(said)}")


def catalogs(data: Path) -> None:
    taxonomy, whole = load_taxonomy(), catalog_114k(data)
    frame = pl.read_csv(data / "catalog" / "spotify_tracks_114k.csv").drop_nulls("track_name")
    larger = pl.read_parquet(data / "catalog" / "songs_257k.parquet").unique("track_id")
    favorites = pl.read_csv(data / "listening" / "favorites_catalog.csv").unique("track_id")
    tables = {"114k": whole, "257k": matrix(larger), "favorites": matrix(favorites)}
    for genre in ("metal", "sleep", "comedy"):
        tables[genre] = matrix(frame.filter(pl.col("track_genre") == genre).unique("track_id"))
    for name, table in tables.items():
        spread(name, train_song_model(table, taxonomy), table)
    for name in ("114k", "257k", "favorites", "metal"):
        sides(name, train_song_model(tables[name], taxonomy), tables[name], taxonomy)
    leading = train_song_model(whole, taxonomy).score(whole).leading
    agreements = []
    for seed in range(20):
        rows = np.random.default_rng(seed).permutation(len(whole))[: len(whole) * 4 // 5]
        again = train_song_model(whole.take(rows), taxonomy).score(whole).leading
        agreements.append(adjusted_rand_score(leading, again))
    print(f"80 % subsamples, 20 of them: ARI {min(agreements):.3f} to {max(agreements):.3f}; "
          "the model draws nothing, so seeds make no difference")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--final", action="store_true", help="agreement with people on all rows")
    parser.add_argument("--catalogs", action="store_true", help="spread and stability")
    options = parser.parse_args()
    if options.catalogs:
        catalogs(options.data)
    else:
        (final if options.final else choose)(options.data)


if __name__ == "__main__":
    main()
