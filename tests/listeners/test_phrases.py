import pytest

from moodtune.listeners.phrases import MoodPhrases

PHRASES = MoodPhrases(
    {
        "Relax": "relax",
        "Quiet": "calm",
        "Quiet, slow": "deep",
        "to dance": "party",
        "party": "party",
    }
)


@pytest.mark.parametrize(
    ("cell", "moods"),
    [
        ("Relax", ("relax",)),
        ("Relax, to dance", ("relax", "party")),
        ("Relax,to dance", ("relax", "party")),
        ("Relax , to dance,", ("relax", "party")),
        (",, Relax;to  DANCE ;", ("relax", "party")),
        ("to dance, party", ("party",)),
        ("Quiet", ("calm",)),
        ("Quiet, slow", ("deep",)),
        ("quiet,SLOW,quiet", ("deep", "calm")),
    ],
)
def test_a_cell_ticks_the_moods_of_its_longest_phrases(cell, moods):
    assert PHRASES.read(cell) == (moods, ())


def test_parts_that_mean_no_mood_are_returned_in_their_order():
    assert PHRASES.read("Slow, Relax, Loud") == (("relax",), ("slow", "loud"))


def test_a_cell_of_separators_alone_says_nothing():
    assert PHRASES.read(" , ;,") == ((), ())


def test_of_two_phrases_alike_but_for_case_the_first_counts():
    assert MoodPhrases({"Calm": "listener mood", "calm": "song mood"}).read("CALM")[0] == (
        "listener mood",
    )


def test_a_slip_is_answered_with_the_phrase_as_it_is_written():
    assert PHRASES.nearest("quiet,  slwo") == "Quiet, slow"
    assert PHRASES.nearest("xyzzy") is None


def test_moods_stand_in_the_order_of_their_phrases_once_each():
    assert PHRASES.moods == ("relax", "calm", "deep", "party")


def test_a_cell_of_ten_thousand_commas_is_read_at_once():
    moods, unknown = PHRASES.read("Relax," * 10_000 + "x")
    assert (moods, unknown) == (("relax",), ("x",))
