"""Choose the song mood model, and then say once how well it agrees with people.

    python benchmarks/mood_models.py --data DIR            # candidates, on the choosing playlists
    python benchmarks/mood_models.py --data DIR --final    # the model kept, on all the rest
    python benchmarks/mood_models.py --data DIR --catalogs # its spread and stability, no labels

Nothing is trained on a label. Candidates share the cues of ``moods.toml`` and differ in form; each
is calibrated alike (moods equally common on the catalog, a stated median of the largest
probability) and measured on three playlists per mood only: in the order of their names every
second one from the first (X_mood, X_mood_2, X_mood_4). See docs/decisions/0001-mood-model.md.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import norm, spearmanr
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import RankTable
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


@dataclass(frozen=True, kw_only=True)
class Cues:
    """The taxonomy's cues as arrays: NaN where a mood names none."""

    moods: tuple[str, ...]
    ranks: Array
    places: Array

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> "Cues":
        moods = [mood for mood in taxonomy.moods if mood.offered]
        ranks = np.full((len(moods), len(FEATURES)), np.nan)
        for row, mood in enumerate(moods):
            for cue in mood.cues:
                ranks[row, FEATURES.index(cue.feature)] = cue.rank
        places = np.array([(mood.valence, mood.arousal) for mood in moods])
        return cls(moods=taxonomy.offered, ranks=ranks, places=places)

    @property
    def named(self) -> Array:
        return (~np.isnan(self.ranks)).astype(float)

    def filled(self, correlations: Array) -> Array:
        out = self.ranks.copy()
        for row in out:
            known, unknown = ~np.isnan(row), np.isnan(row)
            solved = np.linalg.solve(correlations[np.ix_(known, known)], row[known] - 0.5)
            row[unknown] = 0.5 + correlations[np.ix_(unknown, known)] @ solved
        return out


def near(ranks: Array, points: Array, weights: Array, distance: Callable[[Array], Array]) -> Array:
    return -np.stack(
        [
            (distance(ranks - point) * weight).sum(axis=1)
            for point, weight in zip(points, weights, strict=True)
        ],
        axis=1,
    )


def huber(bend: float) -> Callable[[Array], Array]:
    return lambda away: bend * bend * (np.sqrt(1 + (away / bend) ** 2) - 1)


def normal(ranks: Array) -> Array:
    return norm.ppf(np.clip(ranks, 0.005, 0.995))


def place(ranks: Array, catalog: Array) -> Array:
    """Valence and arousal with more features, each as a rank among the catalog's."""

    def axes(r: Array) -> Array:
        c = {name: 2 * r[:, j] - 1 for j, name in enumerate(FEATURES)}
        arousal = c["energy"] + 0.5 * c["loudness"] + 0.2 * c["tempo"] - 0.3 * c["acousticness"]
        return np.stack([c["valence"] + 0.5 * c["danceability"], arousal], axis=1)

    sorted_axes, found = np.sort(axes(catalog), axis=0), axes(ranks)
    columns = [np.searchsorted(sorted_axes[:, j], found[:, j]) / len(catalog) for j in (0, 1)]
    return np.stack(columns, axis=1)


def candidates(cues: Cues, catalog: Array) -> dict[str, tuple[tuple[str, ...], Scorer, float]]:
    """Name -> (moods, scorer, share of the background)."""
    moods, named = cues.moods, cues.named
    correlations = np.corrcoef(catalog.T)
    half, filled = np.nan_to_num(cues.ranks, nan=0.5), cues.filled(correlations)
    mean, ones = named / named.sum(axis=1, keepdims=True), np.ones_like(named)
    shared = np.broadcast_to(named.mean(axis=0), named.shape)
    v, e = FEATURES.index("valence"), FEATURES.index("energy")
    corners = np.array(list(CORNERS.values()))
    distances = {"squared": np.square, "absolute": np.abs, "huber .1": huber(0.1),
                 "huber .3": huber(0.3), "log": lambda d: np.log1p((d / 0.3) ** 2)}  # fmt: skip
    found: dict[str, tuple[tuple[str, ...], Scorer, float]] = {}

    def add(name: str, scorer: Scorer, background: float = 0.0) -> None:
        found[name] = (moods, scorer, background)

    found["reference: valence, energy corners"] = (
        ("melancholy", "calm", "happy", "party"),
        lambda r: near(r[:, [v, e]], corners, np.ones((4, 2)), np.square),
        0.0,
    )
    add("reference: valence, energy at places",
        lambda r: near(r[:, [v, e]], cues.places, np.ones((len(moods), 2)), np.square))  # fmt: skip
    for kind, (points, weights) in {
        "(a) prototypes, named cues": (half, named),
        "(a) prototypes, mean of named cues": (half, mean),
        "(a) prototypes, other cues at .5": (half, ones),
        "(a) prototypes, other cues expected": (filled, ones),
        "(a) prototypes, expected, shared measure": (filled, shared),
    }.items():
        for form, distance in distances.items():
            add(f"{kind}, {form}", lambda r, p=points, w=weights, d=distance: near(r, p, w, d))
    for n_clusters in (32, 128):
        kmeans = KMeans(n_clusters, n_init=2, random_state=0).fit(catalog)
        centers = kmeans.cluster_centers_
        names = softmax(25 * near(centers, filled, ones, np.square))

        def soft(r: Array, centers: Array = centers, names: Array = names) -> Array:
            near_centers = near(r, centers, np.ones_like(centers), np.square)
            return np.log(softmax(near_centers / 0.02) @ names + 1e-9)

        add(f"(b) {n_clusters} clusters with soft names", soft)
        add(f"(c) {n_clusters} clusters and prototypes",
            lambda r, soft=soft: 0.5 * soft(r) + 5 * near(r, filled, ones, np.square))  # fmt: skip
    covariance = np.corrcoef(normal(catalog).T)
    for shrink in (0.0, 0.2, 0.5, 0.8, 1.0):
        inverse = np.linalg.inv((1 - shrink) * covariance + shrink * np.eye(len(FEATURES)))
        add(f"(d) Mahalanobis, shrunk {shrink}",
            lambda r, i=inverse: normal(r) @ i @ normal(filled).T)  # fmt: skip
    both = np.ones((len(moods), 2))
    add("(e) plane of more features, at places",
        lambda r: near(place(r, catalog), cues.places, both, np.square))  # fmt: skip
    add("(e) the same and linear cues",
        lambda r: 2 * near(place(r, catalog), cues.places, both, np.square)
        + 0.3 * (2 * r - 1) @ (2 * half - 1).T)  # fmt: skip
    add("(f) linear cues of ranks", lambda r: (2 * r - 1) @ (2 * half - 1).T)
    add("(f) linear cues of normal scores", lambda r: normal(r) @ normal(half).T)
    for background in (0.1, 0.2, 0.3):
        for form in ("squared", "huber .1"):
            add(f"(a) expected, shared, {form}, background {background}",
                lambda r, d=distances[form]: near(r, filled, shared, d), background)  # fmt: skip
    return found


def choose(data: Path) -> None:
    catalog = catalog_114k(data)
    table = RankTable.of(catalog)
    rows = np.random.default_rng(0).permutation(len(catalog))[:6000]
    at_catalog = table.ranks(catalog.take(rows)).astype(float)
    people = labelled(data)
    people = people.take(np.flatnonzero(is_choosing(people.playlists)))
    ranks = table.ranks(people.features).astype(float)
    cues = Cues.of(load_taxonomy())
    tried = candidates(cues, at_catalog)
    print(f"{len(tried)} candidates, {len(ranks)} rows of {len(set(people.playlists))} playlists")
    print("| candidate | mean AUC | mean precision@50 | Sad | Calm | Happy | Energy |")
    print("|---|---|---|---|---|---|---|")
    for name, (moods, scorer, background) in tried.items():
        probabilities = calibrated(scorer, at_catalog, 0.4, background)(ranks)
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
    leads = np.bincount(scores.leading(), minlength=len(model.moods)) / len(scores)
    print(f"{name}: median largest {np.median(scores.probabilities.max(axis=1)):.2f}, "
          f"median confidence {np.median(scores.confidence):.2f}; "
          + ", ".join(f"{m} {100 * s:.1f}%" for m, s in zip(model.moods, leads, strict=True)),
          flush=True)  # fmt: skip


def sides(name: str, model: SongModel, catalog: FeatureMatrix, taxonomy: Taxonomy) -> None:
    """Name the cues on whose other side the mean of a mood's ten best tracks lies."""
    ranks = RankTable.of(catalog).ranks(catalog)
    probabilities = model.score(catalog).probabilities
    for column, mood in enumerate(taxonomy.moods):
        best = np.argsort(-probabilities[:, column], kind="stable")[:10]
        mean = dict(zip(FEATURES, ranks[best].mean(axis=0), strict=True))
        wrong = [
            f"{cue.feature} {mean[cue.feature]:.2f} (cue {cue.rank})"
            for cue in mood.cues
            if abs(cue.rank - 0.5) > 0.1 and (cue.rank - 0.5) * (mean[cue.feature] - 0.5) < 0
        ]
        fit = model.fit(catalog.take(best), mood.name).mean()
        print(f"  {name} {mood.name}: fit of the ten best {fit:.2f}; wrong side: {wrong}")


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
    leading = train_song_model(whole, taxonomy).score(whole).leading()
    agreements = []
    for seed in range(20):
        rows = np.random.default_rng(seed).permutation(len(whole))[: len(whole) * 4 // 5]
        again = train_song_model(whole.take(rows), taxonomy).score(whole).leading()
        agreements.append(adjusted_rand_score(leading, again))
    print(f"80 % subsamples, 20 of them: ARI {min(agreements):.3f} to {max(agreements):.3f}; "
          "the model draws nothing, so seeds make no difference")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--final", action="store_true", help="the rows that nothing was chosen on")
    parser.add_argument("--catalogs", action="store_true", help="spread and stability")
    options = parser.parse_args()
    if options.catalogs:
        catalogs(options.data)
    else:
        (final if options.final else choose)(options.data)


if __name__ == "__main__":
    main()
