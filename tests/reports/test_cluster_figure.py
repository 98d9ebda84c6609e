import numpy as np
import pytest

from moodtune.features.matrix import FeatureMatrix, feature_matrix
from moodtune.reports.cluster_figure import ClusterPoints, Plane, cluster_figure
from moodtune.reports.style import mood_colors, png
from report_worlds import mixed_catalog, texts_of

COLORS = mood_colors(("glad", "A$B$C"))


def clouds(n=300):
    """Three clouds on one line: loud and glad, in the middle, still and sad."""
    rng = np.random.default_rng(0)
    clusters = np.arange(n) % 3
    away = np.array([-1.0, 0, 1])[clusters]
    values = 0.5 + 0.4 * away[:, None] * [1, 1, 0] + rng.normal(0, 0.02, (n, 3))
    return (
        FeatureMatrix(names=("energy", "valence", "liveness"), values=values.astype(np.float32)),
        clusters,
    )


@pytest.fixture(scope="module")
def drawn():
    features, clusters = clouds()
    centroids = np.array([features.values[clusters == k].mean(axis=0) for k in range(3)])
    points = ClusterPoints(
        features=features, clusters=clusters, centroids=centroids,
        moods=("glad", "A$B$C", "other"),
    )  # fmt: skip
    figure = cluster_figure(points, colors=COLORS, seed=0, synthetic=True)
    return points, figure, figure.axes[0]


def test_the_first_direction_is_the_one_in_which_tracks_differ_most():
    plane = Plane.of(clouds()[0])
    assert np.abs(plane.directions[0]) == pytest.approx([2**-0.5, 2**-0.5, 0], abs=0.05)
    assert plane.directions[0].max() > 0
    assert plane.shares[0] == pytest.approx(2 / 3, abs=0.02)


def test_the_plane_is_that_of_numpys_singular_vectors():
    features = feature_matrix(mixed_catalog())
    varied = features.select(tuple(n for n in features.names if features.column(n).std() > 0))
    plane = Plane.of(varied)
    standard = (varied.values - varied.values.mean(axis=0)) / varied.values.std(axis=0)
    _, lengths, directions = np.linalg.svd(standard, full_matrices=False)
    assert np.abs((directions[:2] * plane.directions).sum(axis=1)) == pytest.approx(
        [1, 1], abs=1e-3
    )
    assert plane.shares == pytest.approx(lengths[:2] ** 2 / (lengths**2).sum(), rel=1e-3)


def test_a_feature_that_never_varies_is_no_trouble():
    features = FeatureMatrix(names=("energy", "valence"), values=np.ones((4, 2), np.float32))
    assert Plane.of(features).place(features.values) == pytest.approx(np.zeros((4, 2)))


def test_every_track_is_a_point_where_the_plane_puts_it(drawn):
    points, _, axes = drawn
    plane = Plane.of(points.features)
    assert np.allclose(axes.collections[0].get_offsets(), plane.place(points.features.values))


def test_every_point_has_the_color_of_its_clusters_mood(drawn):
    points, _, axes = drawn
    shown = axes.collections[0].get_facecolors()[:, :3]
    wanted = {0: "#F0E442", 1: "#E69F00", 2: "#8C8C8C"}
    for color, cluster in zip(shown, points.clusters, strict=True):
        assert "#" + "".join(f"{round(c * 255):02X}" for c in color) == wanted[cluster]


def test_every_centroid_is_labelled_with_its_mood_and_number(drawn):
    points, _, axes = drawn
    assert [text.get_text() for text in axes.texts] == ["glad 0", "A$B$C 1", "other 2"]
    placed = Plane.of(points.features).place(points.centroids)
    assert np.allclose([text.xy for text in axes.texts], placed)


def test_labels_do_not_cover_each_other_where_centroids_are_close():
    features, clusters = clouds()
    points = ClusterPoints(
        features=features,
        clusters=clusters,
        centroids=np.array([[0.5, 0.5, 0.5], [0.51, 0.5, 0.5], [0.5, 0.52, 0.5]]),
        moods=("glad", "A$B$C", "other"),
    )
    figure = cluster_figure(points, colors=COLORS, seed=0, synthetic=False)
    png(figure)
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    pairs = [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :]]
    assert not any(a.overlaps(b) for a, b in pairs)


def test_axes_say_what_they_are_made_of(drawn):
    _, _, axes = drawn
    assert axes.get_xlabel().startswith("First principal component (67 %): more ")
    assert {"more energy", "more valence"} <= set(
        axes.get_xlabel().split(": ")[1].removesuffix(" →").split(", ")
    )
    assert axes.get_ylabel().startswith("Second principal component (33 %): more liveness →")


def test_a_large_table_is_a_sample_and_called_one():
    features, clusters = clouds(15_000)
    points = ClusterPoints(
        features=features, clusters=clusters, centroids=features.values[:3],
        moods=("glad", "A$B$C", "other"),
    )  # fmt: skip
    figure = cluster_figure(points, colors=COLORS, seed=0, synthetic=True)
    assert len(figure.axes[0].collections[0].get_offsets()) == 12_000
    caption = texts_of(figure)[2].replace("\n", " ")
    assert "A random sample of 12,000 of 15,000 tracks." in caption
    assert "synthetic sample" in caption
