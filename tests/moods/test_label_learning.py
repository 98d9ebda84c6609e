"""What labels teach a song model, in worlds where the labels follow a known rule."""

import numpy as np
import pytest

from label_worlds import MATCH, TAXONOMY, music, quarters, song_model
from moodtune.evaluation.matching import parse_match
from moodtune.moods.label_learning import LabelledTracks, label_probabilities, taught
from moodtune.moods.song_model import SongModel

STANDS_FOR = np.array(
    [[m in one.moods for m in TAXONOMY.names] for one in parse_match(MATCH, TAXONOMY.names)]
)


@pytest.fixture(scope="module")
def tracks():
    return music(900)


@pytest.fixture(scope="module")
def model(tracks):
    return song_model(tracks)


def labelled(features, **rule):
    return LabelledTracks(
        features=features, label=quarters(features, **rule), stands_for=STANDS_FOR
    )


def times(before, after):
    """How many times as much each feature counts for the first mood."""
    return dict(zip(before.features, after.weights[0] / before.weights[0], strict=True))


def loss(model, tracks):
    given = label_probabilities(model, tracks)
    return -np.log(given[np.arange(len(tracks)), tracks.label] / given.sum(axis=1)).mean()


def test_the_features_that_labels_follow_count_more_and_the_others_less(model, tracks):
    found = times(model, taught(model, labelled(tracks, up="energy", glad="valence"), 0.1))
    others = [found[name] for name in found if name not in ("energy", "valence")]
    assert min(found["energy"], found["valence"]) > max(others)


def test_what_was_taught_holds_for_tracks_that_were_not_there(model):
    rule = {"up": "energy", "glad": "valence"}
    lesson = taught(model, labelled(music(900, 1), **rule), 0.1)
    unseen = labelled(music(900, 2), **rule)
    assert loss(lesson, unseen) < loss(model, unseen) - 0.05


def test_labels_at_random_make_the_model_unsure_and_not_wrong(model, tracks):
    random = labelled(tracks, up="energy", glad="valence", noise=1.0)
    lesson = taught(model, random, 0.1)
    sure = [side.score(tracks).probabilities.max(axis=1).mean() for side in (model, lesson)]
    assert sure[1] < 0.8 * sure[0]
    assert loss(lesson, random) < loss(model, random) - 0.3


def test_the_firmer_the_features_are_held_the_more_alike_they_count(model, tracks):
    rule = labelled(tracks, up="energy", glad="valence")
    spreads = [
        np.std(list(times(model, taught(model, rule, hold)).values())) for hold in (0.1, 1, 1e4)
    ]
    assert spreads[0] > spreads[1] > spreads[2]
    assert spreads[2] < 0.001


def test_a_label_that_a_table_has_more_of_is_no_commoner_in_a_catalog(model, tracks):
    rule = labelled(tracks, up="energy", glad="valence")
    rare = np.flatnonzero((rule.label != 0) | (np.arange(len(rule)) % 8 == 0))
    shares = [
        taught(model, side, 0.1).score(music(4000, 3)).probabilities.mean(axis=0)
        for side in (rule, rule.take(rare))
    ]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.01)


def test_kinds_of_recording_places_and_the_plane_are_as_they_were(model, tracks):
    lesson = taught(model, labelled(tracks, up="energy", glad="valence"), 0.1)
    kinds = model.offered == 0
    for name in ("weights", "offsets", "prototypes"):
        np.testing.assert_array_equal(getattr(lesson, name)[kinds], getattr(model, name)[kinds])
    np.testing.assert_array_equal(lesson.prototypes, model.prototypes)
    one, other = model.score(tracks), lesson.score(tracks)
    np.testing.assert_array_equal(one.valence, other.valence)
    np.testing.assert_array_equal(one.arousal, other.arousal)
    np.testing.assert_allclose(
        one.probabilities[:, kinds], other.probabilities[:, kinds], atol=1e-6
    )


def test_a_taught_model_is_saved_as_any_other(model, tracks):
    lesson = taught(model, labelled(tracks, up="energy", glad="valence"), 0.1)
    again = SongModel.from_state(lesson.state())
    np.testing.assert_array_equal(
        again.score(tracks).probabilities, lesson.score(tracks).probabilities
    )
    assert all(
        array.dtype == np.float32 or array.dtype.kind == "U" for array in lesson.state().values()
    )


def test_the_order_of_the_tracks_makes_no_difference_that_matters(model, tracks):
    rule = labelled(tracks, up="energy", glad="valence")
    backwards = rule.take(np.arange(len(rule))[::-1])
    one, other = taught(model, rule, 0.1), taught(model, backwards, 0.1)
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-3, atol=1e-3)


def test_the_slope_is_that_of_the_loss(model, tracks):
    from moodtune.moods.label_learning import _Lesson

    lesson = _Lesson.of(model, labelled(tracks, up="energy", glad="valence"), 0.3)
    at = lesson.untaught + 0.1 * np.random.default_rng(0).random(len(lesson.untaught))
    slope = lesson.loss(at)[1]
    steps = 1e-5 * np.eye(len(at))
    measured = [(lesson.loss(at + s)[0] - lesson.loss(at - s)[0]) / 2e-5 for s in steps]
    np.testing.assert_allclose(slope, measured, atol=1e-6)
