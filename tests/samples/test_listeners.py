import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, cross_val_predict

from moodtune.errors import UsageError
from moodtune.samples import is_sample, sample_listeners
from moodtune.samples.aggregates import aggregates

FIGURES = aggregates().listeners
MOODS = FIGURES.mood_column


@pytest.fixture(scope="module")
def many():
    return sample_listeners(20_000, seed=7)


def auc(table, shuffled=None):
    """Return the mean AUC over moods of a plain logistic regression, out of fold."""
    answers = []
    for name in (c for c in table.columns if c != MOODS):
        cells = table[name].cast(pl.String).fill_null("").str.split(",").to_list()
        ticked = [{answer.strip() for answer in cell} for cell in cells]
        answers += [[a in cell for cell in ticked] for a in sorted(set().union(*ticked))]
    x = np.array(answers, dtype=float).T
    if shuffled is not None:
        x = shuffled.permutation(x)
    folds = KFold(5, shuffle=True, random_state=0)
    model = LogisticRegression(C=0.1)
    areas = []
    for mood in FIGURES.moods:
        y = table[MOODS].str.contains(mood, literal=True).to_numpy()
        p = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
        areas.append(roc_auc_score(y, p))
    return np.mean(areas)


def test_the_same_seed_gives_the_same_listeners_and_another_seed_gives_others():
    assert sample_listeners(50, seed=7).equals(sample_listeners(50, seed=7))
    assert not sample_listeners(50, seed=7).equals(sample_listeners(50, seed=8))


def test_columns_are_named_as_the_public_survey_misspells_them():
    columns = sample_listeners(10, seed=7).columns
    assert len(columns) == 20
    assert columns[:2] == ["Age", "Gender"]
    assert columns[6] == "preffered_premium_plan"
    assert columns[10] == "music_Influencial_mood"


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_tiny_sample_has_the_same_columns(n):
    tiny = sample_listeners(n, seed=1)
    assert (tiny.height, tiny.schema) == (n, sample_listeners(50, seed=1).schema)


def test_moods_are_ticked_in_the_sets_and_the_shares_of_the_figures(many):
    shares = dict(many[MOODS].value_counts(normalize=True).iter_rows())
    total = sum(s.share for s in FIGURES.mood_sets)
    expected = {
        ", ".join(FIGURES.moods[i] for i in s.ticked): s.share / total for s in FIGURES.mood_sets
    }
    assert shares == pytest.approx(expected, abs=0.015)


def test_moods_can_be_learned_from_answers_about_as_well_as_in_the_real_survey():
    # Mean over three seeds; the real survey gives .74.
    areas = [auc(sample_listeners(520, seed)) for seed in range(3)]
    assert 0.69 < np.mean(areas) < 0.79


def test_answers_of_other_people_teach_nothing():
    shuffled = np.random.default_rng(0)
    assert auc(sample_listeners(520, seed=7), shuffled=shuffled) < 0.57


def test_questions_that_do_not_apply_are_blank_and_others_never_are(many):
    blank = dict(zip(many.columns, many.null_count().row(0), strict=True))
    for question in FIGURES.questions:
        if question.blanks is None:
            assert blank[question.name] == 0
            continue
        shares = dict(
            many.group_by(question.blanks.question)
            .agg(pl.col(question.name).is_null().mean())
            .iter_rows()
        )
        assert shares == pytest.approx(question.blanks.shares, abs=0.05), question.name
    assert blank["preffered_premium_plan"] / many.height == pytest.approx(208 / 520, abs=0.03)


def test_cells_hold_several_answers_joined_as_untidily_as_in_the_real_survey(many):
    cells = many["music_lis_frequency"]
    assert cells.str.contains(", ", literal=True).mean() > 0.4
    assert 0.001 < cells.str.contains(r",\S").mean() < 0.02
    assert 0.001 < cells.str.contains(r",\s*$").mean() < 0.02
    assert (cells.str.strip_chars(", ").str.len_chars() > 0).all()


def test_some_people_answer_in_their_own_words(many):
    own = many["fav_pod_genre"].str.starts_with("Invented answer ").mean()
    assert own == pytest.approx(0.03, abs=0.01)
    assert many["music_lis_frequency"].str.contains(r", Invented answer \d+$").any()
    assert not many["Age"].str.contains("Invented").any()


def test_ratings_are_numbers(many):
    assert many["music_recc_rating"].unique().sort().to_list() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("seed", range(5))
def test_even_one_listener_says_that_the_table_is_a_sample(seed):
    assert is_sample(sample_listeners(1, seed))


def test_a_negative_number_of_listeners_is_refused():
    text = "^a sample has 0 or more listeners, got -1; ask for --listeners 520$"
    with pytest.raises(UsageError, match=text):
        sample_listeners(-1, seed=7)
