"""A taste is one bounded number per track, and says where it comes from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.preferences.collaborative_training import CollaborativeSettings, fit_weights
from moodtune.preferences.taste import TasteModel, TasteSettings, with_taste
from preference_worlds import checkerboard, content_of
from worlds import FIVE_HUNDRED

CONTENT = content_of(
    20,
    [[f"Artist {i // 4}"] for i in range(20)],
    genres=[["a"], ["b"]] * 10,
    year=[1990 + i for i in range(20)],
    energy=np.linspace(0, 1, 20).tolist(),
)
PLAIN = TasteModel(content=CONTENT)
SOCIAL = TasteModel(
    content=CONTENT,
    collaborative=fit_weights(checkerboard(), CollaborativeSettings(), strength=30.0),
)

some_likes = st.lists(st.integers(0, 19), min_size=1, max_size=20, unique=True)


def rows(*numbers):
    return np.array(numbers, dtype=np.intp)


def test_without_likes_there_is_no_taste():
    assert PLAIN.of(rows()) is None
    assert SOCIAL.of(rows()) is None


def test_a_like_said_twice_is_one_like():
    once, twice = PLAIN.of(rows(3, 5)), PLAIN.of(rows(5, 3, 5))
    assert twice.likes.tolist() == [3, 5]
    assert twice.scores().tobytes() == once.scores().tobytes()


@pytest.mark.parametrize("model", [PLAIN, SOCIAL])
def test_of_several_weights_of_a_like_the_largest_counts(model):
    once = model.of(rows(3, 5), np.array([1.0, 0.5]))
    twice = model.of(rows(5, 3, 5, 3), np.array([0.5, 0.2, 0.1, 1.0]))
    assert twice.scores().tobytes() == once.scores().tobytes()
    assert (
        model.of(rows(3, 5), np.ones(2)).scores().tobytes()
        == model.of(rows(3, 5)).scores().tobytes()
    )


def test_what_other_listeners_say_of_a_like_weighs_as_the_like_does():
    whole, half = (
        SOCIAL.of(rows(0), np.array([weight])).parts["listeners"].everywhere()
        for weight in (1.0, 0.5)
    )
    assert whole.any()
    assert half == pytest.approx(whole / 2)


@FIVE_HUNDRED
@given(some_likes)
def test_a_taste_is_bounded_and_its_parts_add_up_to_it(likes):
    for model in (PLAIN, SOCIAL):
        taste = model.of(rows(*likes))
        scores = taste.scores()
        assert scores.shape == (20,)
        assert scores.dtype == np.float32
        assert (np.abs(scores) < 1).all()
        for row in (0, 7, 19):
            assert sum(taste.explained(row).values()) == pytest.approx(scores[row], abs=1e-6)


def test_content_alone_explains_nothing_by_other_listeners():
    assert set(PLAIN.of(rows(0)).explained(1)) == {"artists", "genre and era", "sound"}
    assert set(SOCIAL.of(rows(0)).explained(1)) == {
        "artists",
        "genre and era",
        "sound",
        "listeners",
    }


def test_histories_turn_a_taste_to_what_the_same_listeners_like():
    # Tracks 1 and 2 are as much alike to track 0 by artist; listeners of 0 have 2 and never 1.
    plain, social = PLAIN.of(rows(0)).scores(), SOCIAL.of(rows(0)).scores()
    assert social[2] > plain[2]
    assert social[1] == plain[1]


@FIVE_HUNDRED
@given(some_likes, st.floats(0, 1))
def test_taste_moves_no_track_by_more_than_its_weight(likes, weight):
    fits = np.linspace(0, 1, 20, dtype=np.float32)
    moved = with_taste(fits, SOCIAL.of(rows(*likes)), TasteSettings(weight=weight)) - fits
    assert np.abs(moved).max() <= weight + 1e-6
    assert fits.tolist() == np.linspace(0, 1, 20, dtype=np.float32).tolist()


def test_taste_moves_what_is_liked_up_and_nothing_without_likes():
    fits = np.full(20, 0.5, dtype=np.float32)
    assert with_taste(fits, PLAIN.of(rows()), TasteSettings()).tolist() == fits.tolist()
    moved = with_taste(fits, PLAIN.of(rows(0)))
    assert moved[1] > moved[10] >= 0.5


def test_a_much_better_fit_to_the_mood_outweighs_any_taste():
    fits = np.zeros(20, dtype=np.float32)
    fits[10] = 0.3
    moved = with_taste(fits, SOCIAL.of(rows(0, 2)), TasteSettings(weight=0.25))
    assert np.argmax(moved) == 10
    fits[10] = 0.01
    assert np.argmax(with_taste(fits, SOCIAL.of(rows(0, 2)), TasteSettings(weight=0.25))) != 10


def test_models_of_two_catalogs_are_not_put_together():
    with pytest.raises(ValueError, match=r"^5 tracks, but histories over 20$"):
        TasteModel(content=content_of(5), collaborative=SOCIAL.collaborative)


@FIVE_HUNDRED
@given(st.integers(0, 2**32))
def test_no_track_without_something_of_its_own_has_more_than_the_most(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 30))
    artists = [[f"A{rng.integers(6)}"] for _ in range(n)]
    columns = {"year": rng.integers(1990, 1994, n).tolist(), "energy": rng.random(n).tolist()}
    taste = TasteModel(content=content_of(n, artists, **columns)).of(rng.integers(0, n, 3))
    others = np.setdiff1d(np.arange(n), taste.rows)
    assert (taste.at(others) <= np.float32(taste.most)).all()
    assert np.array_equal(taste.scores()[others], taste.at(others))
