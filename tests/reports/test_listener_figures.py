import numpy as np
import pytest

from moodtune.reports.listener_figures import (
    AnswerWeight,
    ReliabilityBins,
    RiskCurve,
    answer_weights_figure,
    calibration_figure,
    risk_coverage_figure,
    strongest,
)
from moodtune.reports.mood_figures import Framing
from moodtune.reports.style import mood_colors, png
from report_worlds import bars_of, texts_of, tick_labels

FRAMING = Framing(title="A title", subtitle="shown", caption="5 listeners.", synthetic=True)
MOODS = ("Rest", "Dance", "A$B$C")


def bins_of(mood, predicted, observed, counts):
    return ReliabilityBins(
        mood=mood, predicted=np.array(predicted), observed=np.array(observed),
        counts=np.array(counts),
    )  # fmt: skip


def test_each_mood_has_a_panel_of_shares_over_probabilities():
    bins = [bins_of(mood, [0.1, 0.5], [0.2, k / 10], [5, 15]) for k, mood in enumerate(MOODS)]
    figure = calibration_figure(bins, colors=mood_colors(MOODS), framing=FRAMING)
    assert [axes.get_title(loc="left") for axes in figure.axes] == list(MOODS)
    for k, axes in enumerate(figure.axes):
        assert np.allclose(axes.collections[0].get_offsets(), [[10, 20], [50, 10 * k]])
        assert axes.lines[0].get_xdata().tolist() == [0, 100]
    assert figure.axes[0].get_ylabel() == "Listeners who ticked it (%)"
    assert figure.axes[2].get_xlabel() == "Predicted probability (%)"


def test_bins_of_many_listeners_have_larger_dots():
    figure = calibration_figure(
        [bins_of("Rest", [0.1, 0.5], [0.2, 0.4], [5, 15])], colors={}, framing=FRAMING
    )
    small, large = figure.axes[0].collections[0].get_sizes()
    assert large > small


def curve(chosen):
    coverage = np.array([0.1, 0.5, 1.0])
    rate = np.array([0.95, 0.9, 0.8])
    return RiskCurve(
        coverage=coverage, hit_rate=rate, low=rate - 0.05, high=rate + 0.05, constant=0.7,
        chosen=chosen,
    )  # fmt: skip


def test_the_hit_rate_falls_over_coverage_beside_the_constant():
    figure = risk_coverage_figure(curve(0.75), framing=FRAMING)
    axes = figure.axes[0]
    assert axes.lines[0].get_xdata() == pytest.approx([10, 50, 100])
    assert axes.lines[0].get_ydata() == pytest.approx([95, 90, 80])
    assert axes.lines[1].get_ydata()[0] == pytest.approx(70)
    assert axes.get_xlabel() == "Coverage: listeners who get an answer, the surest first (%)"
    assert axes.get_ylabel() == "Hit rate: the likeliest mood was ticked (%)"


def test_the_chosen_coverage_is_marked_and_said():
    axes = risk_coverage_figure(curve(0.75), framing=FRAMING).axes[0]
    assert [text.get_text() for text in axes.texts] == [
        "always the commonest mood: 70 %",
        "answers 75 % of listeners,\nhits 85 %",
    ]


def test_a_model_that_always_answers_has_no_mark():
    axes = risk_coverage_figure(curve(None), framing=FRAMING).axes[0]
    assert len(axes.texts) == 1


def weight(mood, answer, value):
    return AnswerWeight(mood=mood, answer=answer, weight=value)


WEIGHTS = (
    weight("Rest", "b", 0.5),
    weight("Rest", "a", 0.5),
    weight("Rest", "c", 0.1),
    weight("Rest", "d", -0.2),
    weight("Rest", "e", -0.9),
    weight("Rest", "f", 0.0),
    weight("Dance", "A$B$C <img onerror=x> 悲", 2.0),
)


def test_the_strongest_answers_come_from_most_in_favor_to_most_against():
    chosen = [w.answer for w in strongest(WEIGHTS, "Rest", most=2)]
    assert chosen == ["a", "b", "d", "e"]


def test_an_answer_is_never_shown_twice_and_never_without_weight():
    assert [w.answer for w in strongest(WEIGHTS, "Rest", most=9)] == ["a", "b", "c", "d", "e"]


def test_bars_are_the_weights_under_the_answers_names():
    figure = answer_weights_figure(WEIGHTS, moods=("Rest", "Dance"), most=2, framing=FRAMING)
    rest, dance = figure.axes
    left, _, right, _ = bars_of(rest).T
    assert (left + right).tolist() == [0.5, 0.5, -0.2, -0.9]
    assert tick_labels(rest.yaxis) == ["a", "b", "d", "e"]
    assert tick_labels(dance.yaxis) == ["A$B$C <img onerror=x> □"]
    assert rest.get_xlim() == dance.get_xlim()
    assert dance.get_xlabel() == "Weight of the answer (log odds)"


def test_a_mood_that_no_answer_speaks_for_has_a_panel_that_says_why_it_is_empty():
    figure = answer_weights_figure(WEIGHTS, moods=("Rest", "Mourn"), framing=FRAMING)
    assert png(figure)
    rest, mourn = figure.axes
    assert not len(bars_of(mourn))
    assert [t.get_text().replace("\n", " ") for t in mourn.texts] == [
        "No answer counts: too few ticked this mood, or too few did not."
    ]
    assert not rest.texts


def test_long_answers_of_a_long_question_are_told_apart():
    question = "Which of these statements about your week do you agree with most?"
    tail = "because that is what everybody around me has been doing for years"
    answers = [f"I agree, {tail}", f"I do not, {tail}", f"{tail}, so yes", f"{tail}, so no"]
    weights = [AnswerWeight.to_question("Rest", question, a, 1.0) for a in answers]
    labels = {w.answer for w in weights}
    assert len(labels) == 4
    assert all(len(label) <= 84 for label in labels)
    (axes,) = answer_weights_figure(weights, moods=("Rest",), framing=FRAMING).axes
    drawn = [label.replace("\n", " ") for label in tick_labels(axes.yaxis)]
    assert set(drawn) == labels
    assert AnswerWeight.to_question("Rest", "time", "Night", 1.0).answer == "time: Night"


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_any_number_of_moods_finds_room(n):
    moods = [f"mood {k}" for k in range(n)]
    weights = [weight(mood, "an answer", 1.0) for mood in moods]
    figure = answer_weights_figure(weights, moods=moods, framing=FRAMING)
    boxes = [axes.get_position() for axes in figure.axes]
    pairs = [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :]]
    assert len(boxes) == n
    assert not any(a.overlaps(b) for a, b in pairs)
    assert all(0 < box.y0 < box.y1 < 1 for box in boxes)


def test_figures_of_listeners_say_that_they_are_synthetic():
    figures = [
        calibration_figure([bins_of("Rest", [0.1], [0.2], [5])], colors={}, framing=FRAMING),
        risk_coverage_figure(curve(0.5), framing=FRAMING),
        answer_weights_figure(WEIGHTS, moods=("Rest",), framing=FRAMING),
    ]
    assert all("synthetic sample" in texts_of(figure)[2] for figure in figures)
