"""Which question is asked next, in worlds where it is known which one tells most."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from listener_worlds import listeners_from
from moodtune.listeners.answers import UNKNOWN
from moodtune.listeners.encoding import Encoder
from moodtune.moods.listener_model import NEVER_SURE, ListenerModel, ListenerModelSettings
from moodtune.moods.listener_training import train_listener_model
from moodtune.moods.questionnaire import answers_frame, information, next_question, wording

SETTINGS = ListenerModelSettings(repeats=1, folds=2)


def forking(n=1200, seed=3):
    """Return a table in which who lives alone has nobody to ask about, and others have.

    "home" tells about Rest. "company" tells about Dance, but who is home alone always answers
    "nobody"; "shoes" tells a little less about Dance, of everyone.
    """
    random = np.random.default_rng(seed)
    alone, loud, sneakers = random.random((3, n)) < 0.5
    rest = np.where(random.random(n) < 0.9, alone, ~alone)
    pull = np.where(alone, 0.0, np.where(loud, 1.7, -1.7)) + np.where(sneakers, 0.9, -0.9)
    dance = random.random(n) < 1 / (1 + np.exp(-pull))
    mood = [
        ", ".join(m for m, on in (("Rest", r), ("Dance", d)) if on) or "Cry, alone"
        for r, d in zip(rest, dance, strict=True)
    ]
    return pl.DataFrame(
        {
            "home": np.where(alone, "alone", "shared"),
            "company": np.where(alone, "nobody", np.where(loud, "friends", "family")),
            "shoes": np.where(sneakers, "sneakers", "slippers"),
            "coin": random.choice(["heads", "tails"], n),
            "age": random.integers(12, 80, n).astype(str),
            "mood": mood,
        }
    )


@pytest.fixture(scope="module")
def model():
    trained = train_listener_model(listeners_from(forking()), SETTINGS, seed=0)
    return replace(trained, sure_from=NEVER_SURE)


def test_the_answer_that_tells_most_is_asked_for_first(model):
    told = information(model, model.encoder.encode_frame(answers_frame({})))[0]
    by_column = dict(zip(model.columns, told, strict=True))
    assert next_question(model, {}).column == max(by_column, key=by_column.get)
    assert by_column["company"] > by_column["shoes"] > 5 * by_column["coin"]


def test_another_first_answer_changes_what_is_asked_next(model):
    asked = {
        home: next_question(model, {"home": home, "coin": "heads"}).column
        for home in ("alone", "shared")
    }
    # Of who is alone it is known already that nobody is with them.
    assert asked == {"alone": "shoes", "shared": "company"}


def test_without_what_is_answered_together_the_first_answer_changes_nothing(model):
    independent = replace(model, together=np.zeros((0, 0)))
    asked = [next_question(independent, {"home": home}).column for home in ("alone", "shared")]
    assert asked == ["company", "company"]


def test_options_carry_how_likely_they_are_given_the_answers_so_far(model):
    def likely(answers):
        question = next_question(model, answers)
        assert question.column == "company"
        return {option.answer: option.probability for option in question.options}

    first = likely({"shoes": "sneakers"})
    assert sum(first.values()) == pytest.approx(1)
    assert first["nobody"] == pytest.approx(0.5, abs=0.05)
    assert likely({"home": "shared"})["nobody"] < 0.25


def test_it_stops_when_the_model_is_sure(model):
    answers = {"home": "alone", "shoes": "sneakers"}
    likeliest = model.predict(answers_frame(answers)).max()
    assert next_question(replace(model, sure_from=likeliest + 0.01), answers) is not None
    assert next_question(replace(model, sure_from=likeliest), answers) is None


def test_it_stops_after_as_many_questions_as_it_may_ask_skipped_ones_too(model):
    answers = {}
    for _ in range(2):
        answers[next_question(model, answers, most=2).column] = UNKNOWN
    assert next_question(model, answers, most=2) is None
    assert next_question(model, answers, most=3).column not in answers


def test_it_stops_when_nothing_is_left_that_would_tell_anything(model):
    every = {"home": "alone", "company": "nobody", "shoes": "sneakers", "coin": "heads"}
    assert next_question(model, every, most=9) is None
    assert next_question(model, {**every, "shoes": UNKNOWN}, most=9) is None
    del every["shoes"]
    assert next_question(model, every, most=9).column == "shoes"


def test_a_skipped_question_leaves_the_probabilities_where_they_were(model):
    skipped = model.predict(answers_frame({"home": UNKNOWN}))
    assert np.array_equal(skipped, model.predict(answers_frame({})))


def test_information_is_that_of_the_formula_worked_by_hand(model):
    # One mood, one question with two answers, nothing else unknown.
    at = model.columns.index("shoes")
    span = model.encoder.spans[at]
    alone = ListenerModel(
        moods=("Dance",),
        encoder=Encoder(columns=(model.encoder.columns[at],), left_out={}),
        weights=model.weights[span, 1:2],
        intercepts=model.intercepts[1:2],
        spreads=model.spreads[[at], 1:2],
        base_rates=model.base_rates[1:2],
        sure_from=NEVER_SURE,
    )
    shares = np.array(model.encoder.columns[at].shares)
    after = np.array(
        [alone.predict(answers_frame({"shoes": a}))[0, 0] for a in alone.encoder.columns[0].answers]
    )
    now = alone.nothing_known()[0]

    def entropy(p):
        return -p * np.log(p) - (1 - p) * np.log(1 - p)

    expected = entropy(now) - shares @ entropy(after)
    told = information(alone, alone.encoder.encode_frame(answers_frame({})))
    assert told[0, 0] == pytest.approx(expected, abs=1e-3)
    assert expected > 0.05


def test_what_is_known_already_tells_nothing_more(model):
    encoded = model.encoder.encode_frame(answers_frame({"home": "alone"}))
    told = information(model, encoded)[0]
    assert told[model.columns.index("home")] == 0
    assert (told > -1e-6).all()


def test_numbers_are_asked_for_by_the_range_of_most():
    random = np.random.default_rng(0)
    age = random.integers(12, 80, 400)
    mood = np.where(age + random.normal(0, 8, 400) > 45, "Rest", "Dance")
    frame = {
        "age": age.astype(str),
        "when": [f"2024-{m:02}-11" for m in random.integers(1, 13, 400)],
    }
    trained = train_listener_model(listeners_from({**frame, "mood": mood}), SETTINGS, seed=0)
    question = next_question(replace(trained, sure_from=NEVER_SURE), {})
    assert (question.column, question.kind, question.options) == ("age", "number", ())
    assert 12 < float(question.low) < 30
    assert 60 < float(question.high) < 80


def test_ticks_are_asked_for_as_several():
    random = np.random.default_rng(0)
    gym = random.random(300) < 0.5
    place = np.where(random.random(300) < 0.5, "Home, ", "") + np.where(gym, "Gym", "Street")
    mood = np.where(gym ^ (random.random(300) < 0.1), "Dance", "Rest")
    trained = train_listener_model(listeners_from({"place": place, "mood": mood}), SETTINGS, seed=0)
    question = next_question(replace(trained, sure_from=NEVER_SURE), {})
    assert question.kind == "several"
    assert {option.answer for option in question.options} == {"Home", "Gym", "Street"}
    assert all(option.probability == pytest.approx(0.5, abs=0.1) for option in question.options)


def test_a_blank_that_says_something_is_an_option():
    random = np.random.default_rng(0)
    given = random.random(300) < 0.5
    mood = np.where(given ^ (random.random(300) < 0.1), "Dance", "Rest")
    shows = np.where(random.random(300) < 0.5, "news", "sport").tolist()
    podcast = [show if yes else None for show, yes in zip(shows, given, strict=True)]
    trained = train_listener_model(
        listeners_from({"podcast": podcast, "mood": mood}), SETTINGS, seed=0
    )
    free = replace(trained, sure_from=NEVER_SURE)
    question = next_question(free, {})
    assert question.options[-1].answer is None
    rest, dance = free.predict(answers_frame({"podcast": None}))[0]
    assert rest > 0.7
    assert dance < 0.3


def test_a_model_that_learnt_nothing_asks_nothing():
    random = np.random.default_rng(0)
    mood = ["Rest"] * 98 + ["Dance"] * 2
    frame = {"coin": random.choice(["heads", "tails"], 100), "mood": mood}
    trained = train_listener_model(listeners_from(frame), SETTINGS, seed=0)
    assert trained.asked_columns == ()
    assert next_question(trained, {}) is None


def test_how_often_answers_come_together_is_kept_in_fives_and_comes_back(model):
    people = np.array(model.together * 1200)
    np.fill_diagonal(people, 0)
    assert np.allclose(people / 5, np.round(people / 5))
    assert np.abs(people).max() > 100
    again = ListenerModel.from_state(model.state())
    assert np.array_equal(again.together, model.together)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("preffered_premium_plan", "Preffered premium plan"),
        ("music_Influencial_mood", "Music influencial mood"),
        ("favoriteGenre", "Favorite genre"),
        ("Q1: How old are you?", "Q1: how old are you"),
        ("BPM", "BPM"),
        ("___", "___"),
    ],
)
def test_a_column_is_worded_as_a_person_reads_it(column, said):
    assert wording(column) == said
