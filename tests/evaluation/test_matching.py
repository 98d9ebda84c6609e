"""What may be written after --match, and what is said of the rest."""

import re

import pytest

from moodtune.errors import UsageError
from moodtune.evaluation.matching import LabelMatch, match_by_name, parse_match

MOODS = ("happy", "calm", "relax", "melancholy")


def test_moods_are_grouped_by_label_in_the_order_of_labels():
    assert parse_match("melancholy=Sad; calm , relax = Calm ;", MOODS) == (
        LabelMatch(label="Sad", moods=("melancholy",)),
        LabelMatch(label="Calm", moods=("calm", "relax")),
    )


def test_a_label_named_twice_has_the_moods_of_both():
    found = parse_match("calm=Calm;happy=Joy;relax,calm=calm", MOODS)
    assert found == (
        LabelMatch(label="Calm", moods=("calm", "relax")),
        LabelMatch(label="Joy", moods=("happy",)),
    )


def test_case_of_a_mood_makes_no_difference_and_a_label_may_have_an_equals_sign():
    assert parse_match("HAPPY=a=b", MOODS) == (LabelMatch(label="a=b", moods=("happy",)),)


@pytest.mark.parametrize("part", ["calm", "=Calm", "calm=", "calm,=Calm", ","])
def test_what_has_another_form_is_refused_with_an_example(part):
    said = (
        f"--match {part!r} is not understood: write moods=label and part several by ';', as in "
        "'melancholy=Sad;calm,relax=Calm'"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(said)}$"):
        parse_match(f"happy=Happy;{part}", MOODS)


@pytest.mark.parametrize("text", ["", " ; "])
def test_nothing_at_all_is_refused(text):
    with pytest.raises(UsageError, match=r"^--match is empty: write moods=label"):
        parse_match(text, MOODS)


def test_an_unknown_mood_is_refused_with_the_nearest_name():
    said = (
        "--match names the mood 'melancoly', which the model does not have; did you mean "
        "melancholy?"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(said)}$"):
        parse_match("melancoly=Sad", MOODS)
    with pytest.raises(UsageError, match=r"; it has happy, calm, relax, melancholy$"):
        parse_match("zzz=Sad", MOODS)


def test_without_a_match_labels_called_like_moods_are_matched():
    found = match_by_name(["Relax", "angry", "Happy"], MOODS)
    assert found == (
        LabelMatch(label="Happy", moods=("happy",)),
        LabelMatch(label="Relax", moods=("relax",)),
    )


def test_where_no_label_is_called_like_a_mood_both_are_named():
    said = (
        "no label is called like a mood of the model; say with --match which moods stand for "
        "which label: the labels are Joy, Rage, the moods happy, calm, relax, melancholy"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(said)}$"):
        match_by_name(["Rage", "Joy"], MOODS)
