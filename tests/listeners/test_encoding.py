import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moodtune.listeners.answers import read_answers
from moodtune.listeners.encoding import Choices, Scale, encoder_from_json, encoder_to_json
from moodtune.listeners.fitting import EncoderSettings, fit_encoder

LOW = EncoderSettings(min_listeners_per_answer=2)


def fit(columns, settings=LOW, rows=None):
    frame = pl.DataFrame(columns)
    return fit_encoder(read_answers(frame, frame.columns), settings, rows)


def test_ticks_of_a_cell_are_a_feature_each_at_distance_one_from_not_ticking():
    encoder = fit({"c": ["a, b", "a,", "b", "a"]})
    assert encoder.features == (("c", "a"), ("c", "b"))
    # Shares: a is ticked by 3 of 4, b by 2 of 4.
    encoded = encoder.encode_frame(pl.DataFrame({"c": ["a, b", "b"]}))
    assert encoded.values.tolist() == [[0.25, 0.5], [-0.75, 0.5]]


def test_an_answer_that_few_gave_counts_as_unknown_as_does_one_never_given():
    encoder = fit({"c": ["x", "x", "y", "y", "rare"]})
    encoded = encoder.encode_frame(pl.DataFrame({"c": ["x", "rare", "never given"]}))
    assert encoded.values.tolist() == [[0.5, -0.5], [0, 0], [0, 0]]
    assert encoded.known.tolist() == [[True], [False], [False]]


def test_a_whole_column_that_is_missing_counts_as_unknown():
    encoder = fit({"c": ["x", "x", "y", "y"], "d": ["p", "q", "p", "q"]})
    encoded = encoder.encode_frame(pl.DataFrame({"d": ["p"]}))
    assert encoded.values.tolist() == [[0, 0, 0.5, -0.5]]
    assert encoded.known.tolist() == [[False, True]]


def test_a_blank_cell_is_an_answer_where_enough_left_it_blank():
    encoder = fit({"c": ["x", "x", None, None]})
    assert encoder.features == (("c", "x"), ("c", "(blank)"))
    assert encoder.encode_frame(pl.DataFrame({"c": [None, "x"]})).values.tolist() == [
        [-0.5, 0.5],
        [0.5, -0.5],
    ]


def test_a_blank_cell_is_unknown_where_hardly_any_was_left_blank():
    encoder = fit({"c": ["x", "x", "y", "y", None]})
    encoded = encoder.encode_frame(pl.DataFrame({"c": [None, ""]}))
    assert encoded.values.tolist() == [[0, 0], [0, 0]]
    assert not encoded.known.any()


def test_numbers_are_ranks_so_that_neither_units_nor_outliers_matter():
    minutes = [float(i) for i in range(1, 101)]
    a = fit({"c": [str(m) for m in minutes]})
    b = fit({"c": [str(m * 60) for m in minutes[:-1]] + ["1e300"]})
    assert isinstance(a.columns[0], Scale)
    asked = a.encode_frame(pl.DataFrame({"c": ["1", "50.5", "100", "-1e308", "1e308"]})).values[
        :, 0
    ]
    root12 = 12**0.5
    # Ranks .01, .5, .99, as two listeners share a knot here; beyond the ends the ends count.
    ranks = np.array([-0.49, 0, 0.49, -0.49, 0.49])
    assert asked == pytest.approx(ranks * root12, abs=0.02)
    assert b.encode_frame(pl.DataFrame({"c": ["3030"]})).values[0, 0] == pytest.approx(0, abs=0.02)


def test_no_number_that_fewer_than_five_gave_is_kept():
    phones = [100_000 + 37 * i**2 for i in range(60)]
    dates = [f"2024-01-{i % 28 + 1:02}" for i in range(56)]
    often = [*map(str, range(30, 60)), *["7"] * 30]
    encoder = fit({"phone": [str(n) for n in phones], "often": often}, EncoderSettings())
    phone, often = encoder.columns
    assert not set(phone.knots) & set(phones)
    assert len(phone.knots) == 12
    assert 7 in often.knots
    few = fit({"c": dates[:9]}, EncoderSettings())
    assert few.left_out["c"] == "numbers or dates of fewer than 10 listeners"


def test_an_answer_said_to_be_unknown_is_no_answer_and_no_blank():
    cells = ["a"] * 20 + ["b"] * 20 + ["(unknown)"] * 20
    (column,) = fit({"c": cells}).columns
    assert (column.spellings, column.shares, column.blank_share) == (("a", "b"), (0.5, 0.5), None)
    assert isinstance(fit({"c": [*map(str, range(40)), *["(Unknown)"] * 20]}).columns[0], Scale)
    asked = fit({"c": cells[:40] + [None] * 10}).encode_frame(
        pl.DataFrame({"c": ["(unknown)", None]})
    )
    assert asked.known.tolist() == [[False], [True]]


def test_a_sentence_with_commas_is_one_answer_and_long_options_in_many_ways_are_ticks():
    tail = "because that is what everybody around me does, more or less"
    sentences = [f"I agree with the first, {tail}", f"I agree with the other, {tail}"] * 5
    (column,) = fit({"c": sentences}).columns
    assert column.several is False
    assert set(column.spellings) == set(sentences)
    first, other = "while I travel from one place to another one", "at work"
    (column,) = fit({"c": [first, other, f"{first}, {other}"] * 5}).columns
    assert column.several is True
    assert set(column.spellings) == {first, other}


def test_a_few_whole_numbers_are_answers_and_many_are_a_scale():
    codes = [str(i % 10) for i in range(40)]
    ages = [str(i % 11) for i in range(44)]
    assert isinstance(fit({"c": codes}).columns[0], Choices)
    assert isinstance(fit({"c": ages}).columns[0], Scale)


def test_a_word_among_numbers_is_unknown():
    cells = [str(i + 0.5) for i in range(39)] + ["dunno"]
    encoder = fit({"c": cells})
    encoded = encoder.encode_frame(pl.DataFrame({"c": ["dunno", "19.5"]}))
    assert encoded.known.tolist() == [[False], [True]]
    assert encoded.values[0, 0] == 0


def test_days_before_months_are_recognised_by_the_days_above_twelve():
    encoder = fit({"c": [f"{day}/01/2024" for day in range(1, 29)]})
    assert encoder.columns[0].date_format == "%d-%m-%Y"
    encoder = fit({"c": [f"01/{day}/2024" for day in range(1, 29)]})
    assert encoder.columns[0].date_format == "%m-%d-%Y"
    early, late = encoder.encode_frame(pl.DataFrame({"c": ["01/02/2024", "01/27/2024"]})).values[
        :, 0
    ]
    assert early < 0 < late


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["a b c", "d, e", "f", "g"], "free text: no answer was given by 2 listeners or more"),
        (["x", "x", "x", "x"], "the same for every listener"),
        ([None, None, None, None], "blank for every listener"),
    ],
)
def test_a_column_that_says_nothing_is_left_out_with_the_reason(cells, reason):
    encoder = fit({"c": pl.Series(cells, dtype=pl.String)})
    assert encoder.left_out == {"c": reason}
    assert encoder.features == ()


def test_free_text_that_most_left_out_still_says_whether_it_was_written():
    encoder = fit({"c": ["it depends, really", "never, I think", None, None]})
    assert encoder.features == (("c", "(blank)"),)


def test_categories_with_commas_that_never_come_apart_are_not_split_from_free_text():
    encoder = fit({"c": ["well, no", "I like it, a lot", "yes", "yes"]})
    assert encoder.columns[0].several is False
    assert encoder.features == (("c", "yes"),)


def test_prices_and_misspelt_names_are_taken_as_they_are():
    plans = ["Individual Plan- Rs 119/ month", "Duo plan- Rs 149/month"] * 2
    encoder = fit({"preffered_premium_plan": plans})
    assert encoder.features == (
        ("preffered_premium_plan", "Duo plan- Rs 149/month"),
        ("preffered_premium_plan", "Individual Plan- Rs 119/ month"),
    )


def test_only_the_commonest_answers_of_a_column_count():
    encoder = fit(
        {"c": ["a"] * 4 + ["b"] * 3 + ["c"] * 2},
        EncoderSettings(min_listeners_per_answer=2, max_answers_per_column=2),
    )
    assert encoder.columns[0].answers == ("a", "b")


def test_nothing_is_learnt_from_rows_that_are_not_given():
    cells = ["x", "x", "y", "y", "z", "z"]
    rows = np.array([True, True, True, True, False, False])
    assert fit({"c": cells}, rows=rows).columns == fit({"c": cells[:4]}).columns


def test_columns_are_found_by_name_else_by_the_same_letters():
    encoder = fit({"Fav genre": ["x", "x", "y", "y"]})
    for name in ("Fav genre", "fav_genre", " FAV  Genre"):
        assert encoder.encode_frame(pl.DataFrame({name: ["x"]})).known.all()
    both = pl.DataFrame({"fav_genre": ["y"], "Fav genre": ["x"]})
    assert encoder.encode_frame(both).values.tolist() == [[0.5, -0.5]]


def test_the_mean_of_the_training_listeners_is_zero_in_every_feature():
    cells = {"c": ["x", "y", "x", "y", "x", None], "n": [str(i * 1.5) for i in range(6)]}
    values = fit(cells).encode_frame(pl.DataFrame(cells)).values
    assert values.mean(axis=0) == pytest.approx(np.zeros(values.shape[1]), abs=1e-12)


def test_what_was_learnt_is_the_same_after_writing_and_reading():
    encoder = fit({"c": ["x, y", "y", "x", None], "n": [f"{i}.5" for i in range(4)]})
    assert encoder_from_json(encoder_to_json(encoder)) == encoder


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"{", "^its encoder is not readable: Input data was truncated$"),
        (
            (
                b'{"columns":[{"type":"scale","column":"c","date_format":null,"knots":[2,1],'
                b'"ranks":[0,1],"mean":0.5,"blank_share":null}],"left_out":{}}'
            ),
            "^its column 'c' does not fit together$",
        ),
    ],
)
def test_a_damaged_encoder_is_refused(data, match):
    with pytest.raises(ValueError, match=match):
        encoder_from_json(data)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(max_size=12) | st.none() | st.integers().map(str), min_size=1, max_size=30),
    st.randoms(),
)
def test_any_cells_are_encoded_and_row_order_changes_nothing(cells, random):
    shuffled = random.sample(cells, len(cells))
    a, b = (fit({"c": pl.Series(x, dtype=pl.String)}) for x in (cells, shuffled))
    assert a == b
    values = a.encode_frame(pl.DataFrame({"c": pl.Series(cells, dtype=pl.String)})).values
    assert np.isfinite(values).all()
