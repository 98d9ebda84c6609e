"""Replies: numbers of options, answers in words, and moods said outright."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.errors import UsageError
from moodtune.moods.questionnaire import Option, Question
from moodtune.moods.replies import Said, cell_of, keys_of, outweighed, read_said
from moodtune.moods.taxonomy import load_taxonomy
from worlds import TAXONOMY


def question(kind, *answers):
    options = tuple(Option(answer=answer, probability=0.5) for answer in answers)
    return Question(column="c", wording="C", kind=kind, options=options, information=0.1)


ONE = question("one", "Night, late", "Morning", None)
SEVERAL = question("several", "At home", "Gym", "Street")
RATING = question("one", "5", "4", "1", "2", "3")


@pytest.mark.parametrize(
    ("asked", "typed", "cell"),
    [
        (ONE, "1", "Night, late"),
        (ONE, " morning ", "Morning"),
        (ONE, "night, late", "Night, late"),
        (ONE, "-", None),
        (SEVERAL, "2", "Gym"),
        (SEVERAL, "1,3", "At home, Street"),
        (SEVERAL, "3 1 3", "Street, At home"),
        (SEVERAL, "gym; at home", "Gym, At home"),
        (RATING, "5", "5"),
        (RATING, "1", "1"),
        (question("number"), " 23 ", "23"),
        (question("date", None), "-", None),
    ],
)
def test_a_reply_becomes_the_cell_that_a_table_would_have(asked, typed, cell):
    assert cell_of(asked, typed) == cell


@pytest.mark.parametrize(
    ("asked", "typed", "sentence"),
    [
        (ONE, "9", "'9' is none of the answers; type one of 1, 2"),
        (ONE, "1, 2", "this question takes one answer; type one of the numbers"),
        (SEVERAL, "1, 9", "'1, 9' is none of the answers; type one of 1, 2, 3, or several with commas between"),
        (SEVERAL, "-", "'-' is none of the answers; type one of 1, 2, 3, or several with commas between"),
        (SEVERAL, ",", "',' is none of the answers; type one of 1, 2, 3, or several with commas between"),
        (RATING, "6", "'6' is none of the answers; type one of 1, 2, 3, 4, 5"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_said_so(asked, typed, sentence):
    with pytest.raises(UsageError, match=f"^{re.escape(sentence)}$"):
        cell_of(asked, typed)


def test_options_that_are_numbers_are_typed_as_they_are_and_others_are_counted():
    assert list(keys_of(RATING)) == ["1", "2", "3", "4", "5"]
    assert keys_of(ONE) == {"1": "Night, late", "2": "Morning", "-": None}


@pytest.mark.parametrize(
    ("text", "moods"),
    [
        ("I feel sad", ("Sadness or melancholy",)),
        ("i'm feeling really lonely!", ("Sadness or melancholy",)),
        ("I am energetic.", ("Uplifting and motivational",)),
        ("Relaxation and stress relief", ("Relaxation and stress relief",)),
        ("relaxed and with friends", ("Relaxation and stress relief", "Social gatherings or parties")),
        ("I feel calm", ("calm",)),
        ("party", ("party",)),
    ],
)  # fmt: skip
def test_a_mood_is_said_by_its_name_or_a_phrase_at_any_time(text, moods):
    assert read_said(text, load_taxonomy()) == Said(moods=moods)


@pytest.mark.parametrize("text", ["1", "the gym", "I don't feel sad", "in a sad place", "", "-"])
def test_anything_else_says_no_mood(text):
    assert read_said(text, load_taxonomy()) is None


def test_i_feel_and_no_mood_says_which_moods_there_are():
    expected = (
        "no mood is called 'not so wild'; the moods are Rest, Dance, still, wild, glad, spoken"
    )
    with pytest.raises(UsageError, match=f"^{expected}$"):
        read_said("I feel not so wild", TAXONOMY)
    with pytest.raises(UsageError, match=r"^no mood is called 'unwin'; did you mean 'unwind'\?"):
        read_said("I feel unwin", TAXONOMY)
    assert read_said("I feel unwind", TAXONOMY) == Said(moods=("Rest",))


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1), min_size=1),
    st.sets(st.sampled_from("abxy"), min_size=1, max_size=3),
)
def test_a_mood_said_outright_always_outweighs_the_survey(profile, said):
    named = sorted(said)
    weighed = outweighed(profile, named)
    rest = [p for mood, p in weighed.items() if mood not in said]
    felt = [weighed[mood] for mood in named]
    assert min(felt) >= max(0.95, *(p - 1e-9 for p in rest), 0)
    assert sum(felt) >= 0.75 * sum(weighed.values()) - 1e-9
    assert set(weighed) == set(profile) | said


def test_a_certain_survey_does_not_outweigh_one_of_several_moods_said():
    weighed = outweighed({"a": 1.0, "c": 1.0}, ["a", "b", "x"])
    assert weighed["c"] == pytest.approx(0.95)


def test_without_a_mood_said_the_profile_is_as_it_was():
    assert outweighed({"a": 0.9, "b": 0.4}, ()) == {"a": 0.9, "b": 0.4}


def test_what_the_survey_suggests_is_made_no_smaller_than_it_must_be():
    assert outweighed({"a": 0.1, "b": 0.3}, ["a"]) == {"a": 0.95, "b": 0.3}
    shrunk = outweighed({"a": 0.1, "b": 0.9, "c": 0.3}, ["a"])
    assert shrunk["b"] == pytest.approx(3 * shrunk["c"])
    assert sum(shrunk.values()) == pytest.approx(0.95 / 0.75)
