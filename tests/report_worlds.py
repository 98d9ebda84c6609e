"""Catalogs for reports: as many neutral tracks as asked for, with the columns that matter set."""

import numpy as np
import polars as pl

from listener_worlds import listeners_from
from moodtune.catalog.schema import AUDIO_FEATURES, DTYPES, REJECTION_DTYPES, Catalog
from moodtune.evaluation.fidelity import fidelity_of
from moodtune.evaluation.listener_validation import measure
from moodtune.features.matrix import feature_matrix
from moodtune.moods.clustering import Clustering
from moodtune.moods.listener_training import OutOfFold
from moodtune.moods.naming import NamedCluster
from moodtune.moods.scores import MoodScores
from moodtune.reports.contents import ListenerFindings, ReportContents
from worlds import NEUTRAL, TAXONOMY


def catalog_of(n, *, without=(), rejections=(), **columns):
    """Return a catalog of ``n`` tracks; ``without`` names features that it lacks."""
    ids = [f"t{k:05d}" for k in range(n)]
    values = {
        "track_id": ids,
        "title": [f"Title {k}" for k in range(n)],
        "artists": [[f"Artist {k}"] for k in range(n)],
        "alternative_ids": [[] for _ in range(n)],
        **{name: [NEUTRAL[name]] * n for name in AUDIO_FEATURES if name not in without},
        **{name: list(column) for name, column in columns.items()},
    }
    schema = {name: dtype for name, dtype in DTYPES.items() if name in values}
    rejected = pl.DataFrame(list(rejections), schema=dict(REJECTION_DTYPES), orient="row")
    return Catalog(
        tracks=pl.DataFrame({name: values[name] for name in schema}, schema=schema),
        rejections=rejected,
        n_read=n + len(rejected),
        n_merged_ids=0,
        n_merged_songs=0,
    )


def mixed_catalog(n=400, seed=0):
    """Return a catalog whose features vary, some of them together."""
    rng = np.random.default_rng(seed)
    energy = rng.random(n)
    return catalog_of(
        n,
        energy=energy,
        loudness=-20 + 18 * energy + rng.normal(0, 1, n),
        acousticness=np.clip(1 - energy + rng.normal(0, 0.1, n), 0, 1),
        valence=rng.random(n),
        danceability=rng.random(n),
        liveness=rng.beta(1, 4, n),
        tempo=rng.normal(120, 25, n).clip(0, 250),
        key=rng.integers(0, 12, n).tolist(),
        duration_ms=rng.integers(90_000, 400_000, n).tolist(),
    )


def texts_of(figure):
    """Return everything written around the axes of a figure."""
    return [text.get_text() for text in figure.texts]


def bars_of(axes):
    """Return the corners of each bar of the first collection: left, bottom, right, top."""
    boxes = [path.get_extents() for path in axes.collections[0].get_paths()]
    return np.array([box.extents for box in boxes]).reshape(-1, 4)


def tick_labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


#: Titles and artists that are data, whatever they look like.
HOSTILE = (
    "=LOVE",
    "A$B$C",
    "[bold]x[/bold]",
    "<img src=x onerror=alert(1)>",
    "a|b `c`",
    "\x1b[31mred\x1b[0m",
    "\u202eright to left",
    "悲しい歌",
)


def training(n=60, *, listeners=True, synthetic=True, fidelity=True, **catalog):
    """Return what a training of ``n`` tracks in two clusters, still and wild, found."""
    tracks = catalog_of(
        n,
        **{"title": [f"{HOSTILE[k % len(HOSTILE)]} {k}" for k in range(n)]} | catalog,
        energy=np.linspace(0, 1, n),
    )
    features = feature_matrix(tracks)
    clusters = (np.arange(n) >= n // 2).astype(np.int32)
    wild = 0.1 + 0.8 * np.linspace(0, 1, n)
    half = np.full(n, 0.5, np.float32)
    probabilities = np.stack([1 - wild, wild, 0 * wild, 0 * wild], axis=1).astype(np.float32)
    middle = np.array([features.values[clusters == k].mean(axis=0) for k in range(2)])
    n_features = len(features.names)
    return ReportContents(
        catalog=tracks,
        features=features,
        taxonomy=TAXONOMY,
        clustering=Clustering(
            features=features.names,
            mean=np.zeros(n_features),
            scale=np.ones(n_features),
            centroids=middle.astype(np.float32),
            inertia=0.25,
        ),
        clusters=clusters,
        named_clusters=tuple(
            NamedCluster(
                number=number,
                size=int((clusters == number).sum()),
                mood=mood,
                runner_up="glad",
                distances={"still": 0.1, "wild": 0.2, "glad": 0.3, "spoken": 0.4},
                centroid=dict(zip(features.names, middle[number].tolist(), strict=True)),
                ranks=dict.fromkeys(features.names, 0.5),
                nearest=tuple(tracks.tracks["track_id"].filter(clusters == number)[:5]),
            )
            for number, mood in enumerate(("still", "wild"))
        ),
        scores=MoodScores(
            moods=TAXONOMY.names,
            probabilities=probabilities,
            valence=half,
            arousal=half,
            confidence=half,
        ),
        fidelity=fidelity_of(
            clusters=np.repeat([0, 1], [40, 60]),
            tracks=np.repeat([0, 1, 1, 2], [30, 10, 45, 15]),
            moods=(*TAXONOMY.names, "other"),
            commonest=1,
            confidence=0.95,
        )
        if fidelity
        else None,
        listeners=found_listeners() if listeners else None,
        settings={"clusters": {"clusters": 2}},
        seed=7,
        synthetic=synthetic,
    )


def found_listeners(n=60):
    """Return findings about listeners: Rest is ticked by two in three, Dance by every second.

    Out of fold the likeliest mood is Rest for the first half, of whom two in three ticked it, and
    Dance for the others, of whom every second did.
    """
    k = np.arange(n)
    ticks = np.stack([k % 3 > 0, k % 2 == 0], axis=1)
    ticks[~ticks.any(axis=1), 0] = True
    likeliest = k >= n // 2
    probabilities = np.where(np.stack([~likeliest, likeliest], axis=1), 0.7, 0.2)
    shape = (2, n, 2)
    out_of_fold = OutOfFold(
        moods=("Rest", "Dance"),
        rows=k,
        ticks=ticks,
        probabilities=np.broadcast_to(probabilities, shape),
        constants=np.broadcast_to(ticks.mean(axis=0), shape),
        folds=np.array([k % 3, (k + 1) % 3]),
    )
    moods = [
        ", ".join(m for m, t in zip(("Rest", "Dance"), row, strict=True) if t) for row in ticks
    ]
    listeners = listeners_from({"sport": [f"sport {j}" for j in k], "mood": moods})
    weights = pl.DataFrame(
        {
            "column": ["genre", "genre", "=sport"],
            "answer": ["A$B$C", "<img onerror=x>", "悲しい"],
            "share": [0.5, 0.25, None],
            "mood": ["Rest", "Dance", "Rest"],
            "weight": [0.5, 1.25, -0.75],
        }
    )
    return ListenerFindings(
        listeners=listeners,
        validation=measure(out_of_fold, 0.65, seed=0),
        out_of_fold=out_of_fold,
        weights=weights,
    )
