"""The figures of one training: which there are, and where each of them lies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from moodtune.reports import paths
from moodtune.reports.catalog_figures import (
    correlation_figure,
    distributed_features,
    distribution_figure,
)
from moodtune.reports.cluster_figure import ClusterPoints, cluster_figure
from moodtune.reports.contents import ListenerFindings, ReportContents
from moodtune.reports.listener_pictures import (
    listener_answer_weights,
    listener_calibration,
    listener_colors,
    listener_confusion,
    listener_misses,
    listener_risk_coverage,
)
from moodtune.reports.pair_figure import pair_figure
from moodtune.reports.quantities import drawn_tracks
from moodtune.reports.song_pictures import song_confusion, song_disagreements
from moodtune.reports.style import mood_colors


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure to be drawn, and where it lies under the folder that training writes to."""

    path: str
    draw: Callable[[], Figure]


def gallery(contents: ReportContents) -> Iterator[Picture]:
    """Return the figures of a training; each is drawn only when it is asked for."""
    yield from _catalog_pictures(contents)
    yield from _song_pictures(contents)
    if contents.listeners is not None:
        yield from _listener_pictures(contents, contents.listeners)


def _catalog_pictures(contents: ReportContents) -> Iterator[Picture]:
    drawn, synthetic = drawn_tracks(contents.catalog, seed=contents.seed), contents.synthetic
    yield Picture(
        path=paths.CORRELATIONS, draw=lambda: correlation_figure(drawn, synthetic=synthetic)
    )
    yield Picture(path=paths.PAIRS, draw=lambda: pair_figure(drawn, synthetic=synthetic))
    for name in distributed_features(drawn):
        yield Picture(
            path=paths.distribution(name),
            draw=partial(distribution_figure, drawn, name, synthetic=synthetic),
        )


def _song_pictures(contents: ReportContents) -> Iterator[Picture]:
    colors = mood_colors(contents.taxonomy.names)
    names = contents.features.names
    points = ClusterPoints(
        features=contents.features,
        clusters=contents.clusters,
        centroids=np.array([[c.centroid[n] for n in names] for c in contents.named_clusters]),
        moods=contents.cluster_moods,
    )
    yield Picture(
        path=paths.CLUSTER_SCATTER,
        draw=lambda: cluster_figure(
            points, colors=colors, seed=contents.seed, synthetic=contents.synthetic
        ),
    )
    fidelity = contents.fidelity
    if fidelity is not None:
        yield Picture(path=paths.MUSIC_CONFUSION, draw=lambda: song_confusion(contents, fidelity))
        yield Picture(
            path=paths.MUSIC_MISCLASSIFIED, draw=lambda: song_disagreements(contents, fidelity)
        )


def _listener_pictures(contents: ReportContents, found: ListenerFindings) -> Iterator[Picture]:
    synthetic = contents.synthetic
    colors = listener_colors(contents.taxonomy)
    drawings: dict[str, Callable[[], Figure]] = {
        paths.LISTENER_CONFUSION: lambda: listener_confusion(found, synthetic=synthetic),
        paths.LISTENER_MISCLASSIFIED: lambda: listener_misses(
            found, colors=colors, synthetic=synthetic
        ),
        paths.RISK_COVERAGE: lambda: listener_risk_coverage(found, synthetic=synthetic),
        paths.CALIBRATION: lambda: listener_calibration(found, colors=colors, synthetic=synthetic),
        paths.ANSWER_WEIGHTS: lambda: listener_answer_weights(found, synthetic=synthetic),
    }
    for path, draw in drawings.items():
        yield Picture(path=path, draw=draw)
