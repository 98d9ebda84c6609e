"""The figure of the clusters: tracks on the two directions in which they differ most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from moodtune.features.matrix import FeatureMatrix
from moodtune.reports.quantities import WORDINGS, sample_rows
from moodtune.reports.style import INK, NO_MOOD_COLOR, drawable, drawing, new_figure, place_axes

#: Tracks drawn as points: more would only hide each other.
MAX_POINTS = 12_000
_FITTED_ON = 100_000
_BLOCK = 8192  # tracks that sums are taken over at once
_TELLING = 0.35  # the part of a direction that a feature must have to be named on its axis
_CROPPED_PERCENT = 0.2  # of tracks on each side, so that a few do not shrink the others


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPoints:
    """What is drawn of the clusters.

    ``clusters``   cluster number of each track [shape=(n_tracks,)]
    ``centroids``  float [shape=(n_clusters, n_features)] in the features' own units
    ``moods``      the mood of each cluster, by its number
    """

    features: FeatureMatrix
    clusters: NDArray[np.integer]
    centroids: NDArray[np.floating]
    moods: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """The two principal components of standardised features.

    ``directions``  float64 [shape=(2, n_features)], of length 1, the largest entry positive
    ``shares``      of the whole variance, in [0, 1] [shape=(2,)]
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    directions: NDArray[np.float64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, features: FeatureMatrix) -> "Plane":
        """Find the plane in which tracks differ most.

        Sums are taken without a BLAS, whose last digits depend on its threads, and over some rows
        at a time, so that no copy of the table is made.
        """
        mean = features.values.mean(axis=0, dtype=np.float64)
        products = np.zeros((len(mean), len(mean)))
        for start in range(0, len(features), _BLOCK):
            centered = features.values[start : start + _BLOCK] - mean
            products += np.einsum("ti,tj->ij", centered, centered)
        products /= max(len(features), 1)
        spread = np.sqrt(np.diagonal(products))
        spread[spread == 0] = 1
        covariance = products / np.outer(spread, spread)
        variances, vectors = np.linalg.eigh(covariance)
        directions = vectors[:, ::-1][:, :2].T.copy()
        largest = np.abs(directions).argmax(axis=1)
        directions *= np.sign(directions[[0, 1], largest])[:, None]
        shares = variances[::-1][:2] / max(variances.sum(), 1e-12)
        return cls(
            names=features.names, mean=mean, spread=spread, directions=directions, shares=shares
        )

    def place(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where tracks lie on the plane [shape=(n, 2)]."""
        placed: NDArray[np.float64] = np.einsum(
            "ti,ci->tc", (values - self.mean) / self.spread, self.directions
        )
        return placed

    def said(self, component: int) -> str:
        """Say what a direction is made of: its share, and the features that tell most."""
        parts = self.directions[component]
        telling = [k for k in np.argsort(-np.abs(parts), kind="stable") if abs(parts[k]) > _TELLING]
        words = [("more " if parts[k] > 0 else "less ") + _word(self.names[k]) for k in telling]
        ordinal = ("First", "Second")[component]
        made_of = ", ".join(words) or "a little of every feature"
        return f"{ordinal} principal component ({100 * self.shares[component]:.0f} %): {made_of} →"


def _word(feature: str) -> str:
    return WORDINGS[feature].name.lower()


def cluster_figure(
    points: ClusterPoints, *, colors: Mapping[str, str], seed: int, synthetic: bool
) -> Figure:
    """Return the tracks as points in their clusters' moods' colors, the centroids labelled."""
    n = len(points.features)
    plane = Plane.of(points.features.take(sample_rows(n, _FITTED_ON, seed=seed)))
    rows = sample_rows(n, MAX_POINTS, seed=seed)
    placed = plane.place(points.features.values[rows])
    with drawing():
        figure = new_figure(
            width=10.0,
            height=8.2,
            title="The clusters and their moods",
            subtitle="Each point is a track, in the color of its cluster's mood; "
            "each ring is a cluster's centroid, labelled with its mood and number.",
            caption=_caption(plane, len(rows), n),
            synthetic=synthetic,
        )
        axes = place_axes(figure, left=0.75, bottom=1.15, right=0.35, top=0.95)
        _draw_tracks(axes, placed, [points.moods[k] for k in points.clusters[rows]], colors)
        _crop(axes, placed)
        _label_centroids(axes, plane.place(points.centroids), points.moods, colors)
        axes.set_xlabel(plane.said(0))
        axes.set_ylabel(plane.said(1))
        axes.grid()
    return figure


def _caption(plane: Plane, n_drawn: int, n_tracks: int) -> str:
    drawn = (
        f"All {n_tracks:,} tracks."
        if n_drawn == n_tracks
        else f"A random sample of {n_drawn:,} of {n_tracks:,} tracks."
    )
    return (
        f"{drawn} The two components hold {100 * plane.shares.sum():.0f} % of the variance of "
        f"{len(plane.names)} standardised features; clusters that overlap here may be far apart "
        "in the others."
    )


def _draw_tracks(
    axes: Axes, placed: NDArray[np.float64], moods: Sequence[str], colors: Mapping[str, str]
) -> None:
    axes.scatter(
        placed[:, 0],
        placed[:, 1],
        s=7,
        c=[colors.get(mood, NO_MOOD_COLOR) for mood in moods],
        alpha=0.55,
        linewidths=0,
    )


def _crop(axes: Axes, placed: NDArray[np.float64]) -> None:
    low, high = np.percentile(placed, (_CROPPED_PERCENT, 100 - _CROPPED_PERCENT), axis=0)
    margin = np.maximum((high - low) * 0.06, 1e-6)
    axes.set_xlim(low[0] - margin[0], high[0] + margin[0])
    axes.set_ylim(low[1] - margin[1], high[1] + margin[1])


def _label_centroids(
    axes: Axes,
    placed: NDArray[np.float64],
    moods: Sequence[str],
    colors: Mapping[str, str],
) -> None:
    axes.scatter(
        placed[:, 0],
        placed[:, 1],
        s=90,
        c=[colors.get(mood, NO_MOOD_COLOR) for mood in moods],
        edgecolors=INK,
        linewidths=1.4,
        zorder=3,
    )
    outline = [withStroke(linewidth=3, foreground="white")]
    labels = [f"{drawable(mood, longest=24)} {number}" for number, mood in enumerate(moods)]
    for label, place, offset in zip(labels, placed, _apart(axes, placed, labels), strict=True):
        axes.annotate(
            label,
            place,
            xytext=offset,
            textcoords="offset points",
            ha="center",
            va="center",
            weight="bold",
            path_effects=outline,
            zorder=4,
        )


def _apart(
    axes: Axes, placed: NDArray[np.float64], labels: Sequence[str]
) -> list[tuple[float, float]]:
    """Return an offset in points for each label, where it covers no ring and no other label."""
    at = (axes.transData.transform(placed)) * (72 / axes.figure.dpi)
    half = [(3.2 * len(label) + 2, 6.0) for label in labels]
    taken = [(x, y, 7.0, 7.0) for x, y in at]
    offsets: list[tuple[float, float]] = []
    for (x, y), (w, h) in zip(at, half, strict=True):
        tries = [(0, 15), (0, -15), (w + 9, 0), (-w - 9, 0), (w, 15), (-w, 15), (w, -15), (-w, -15)]
        tries += [(0, 28), (0, -28), (w, 28), (-w, -28)]
        free = [t for t in tries if not any(_overlap((x + t[0], y + t[1], w, h), o) for o in taken)]
        dx, dy = (free or tries)[0]
        taken.append((x + dx, y + dy, w, h))
        offsets.append((dx, dy))
    return offsets


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Say whether two boxes, each its middle and half its sides, share a point."""
    return abs(one[0] - other[0]) < one[2] + other[2] and abs(one[1] - other[1]) < one[3] + other[3]
