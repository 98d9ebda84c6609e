"""The plane in a world of four features whose components are known, and in music at large."""

import numpy as np
import pytest

from moodtune.features.ranks import N_CELLS, RankTable
from moodtune.moods.plane import Plane
from moodtune.moods.reference import Reference, music_at_large

NAMES = ("valence", "energy", "loudness", "tempo")
TIED = 0.6


@pytest.fixture
def plane():
    """Energy and loudness go together; valence and tempo go their own ways."""
    correlations = np.eye(4, dtype=np.float32)
    correlations[1, 2] = correlations[2, 1] = TIED
    counts = np.ones((4, N_CELLS), dtype=np.int64)
    return Plane.of(
        Reference(table=RankTable(names=NAMES, counts=counts), correlations=correlations)
    )


@pytest.fixture(scope="module")
def music():
    return Plane.of(music_at_large())


def test_arousal_is_what_most_features_have_in_common(plane):
    # The first component is (energy + loudness) / sqrt(2), its variance 1 + .6.
    half = 1 / np.sqrt(2 * (1 + TIED))
    np.testing.assert_allclose(plane.axes[1], [0, half, half, 0], atol=1e-6)


def test_valence_is_its_own_feature_and_both_axes_have_standard_deviation_1(plane):
    np.testing.assert_array_equal(plane.axes[0], [1, 0, 0, 0])
    spread = np.einsum("ai,ij,aj->a", plane.axes, plane.correlations, plane.axes)
    np.testing.assert_allclose(spread, 1)


def test_a_feature_alone_foretells_arousal_as_far_as_it_is_correlated_with_it(plane):
    # corr(energy, arousal) = (1 + .6) / sqrt(2 * 1.6) = sqrt(.8).
    weight = plane.weights(("energy",))[1, 0] * plane.spreads[1]
    assert weight == pytest.approx(np.sqrt(0.8))


def test_features_that_have_nothing_in_common_with_an_axis_say_nothing_of_it(plane):
    np.testing.assert_allclose(plane.weights(("tempo",)), 0, atol=1e-12)


def test_music_of_a_place_is_expected_at_its_correlations_with_the_axes(plane):
    expected = plane.expected(valence=1.0, arousal=-1.0)
    np.testing.assert_allclose(expected, [1, -np.sqrt(0.8), -np.sqrt(0.8), 0], atol=1e-6)


def test_what_goes_together_follows_a_feature_that_is_moved(plane):
    moved = plane.moved(np.zeros(4), ("energy",), np.array([1.0]))
    np.testing.assert_allclose(moved, [0, 1, TIED, 0], atol=1e-6)


def test_in_music_at_large_arousal_is_energy_and_loudness_against_acousticness(music):
    weights = dict(zip(music.names, music.axes[1], strict=True))
    strongest = sorted(weights, key=lambda name: -abs(weights[name]))[:3]
    assert sorted(strongest) == ["acousticness", "energy", "loudness"]
    assert weights["energy"] > 0 > weights["acousticness"]


def test_excited_music_is_expected_to_be_pleasanter_than_calm_music_of_the_same_place(music):
    valence = music.names.index("valence")
    assert music.expected(0.0, 1.0)[valence] > 0.2 > -0.2 > music.expected(0.0, -1.0)[valence]
