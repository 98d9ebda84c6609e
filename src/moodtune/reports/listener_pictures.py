"""The figures of the listener model, from its cross-validation."""

import numpy as np
from matplotlib.figure import Figure

from moodtune.moods.taxonomy import Taxonomy
from moodtune.reports.contents import ListenerFindings
from moodtune.reports.listener_figures import (
    AnswerWeight,
    ReliabilityBins,
    RiskCurve,
    answer_weights_figure,
    calibration_figure,
    risk_coverage_figure,
)
from moodtune.reports.mood_figures import (
    Framing,
    MoodShare,
    confusion_figure,
    misclassification_figure,
)
from moodtune.reports.song_pictures import share_of
from moodtune.reports.style import mood_colors, number

#: Panels of a figure at most: more could not be read.
MAX_PANELS = 12


def listener_colors(taxonomy: Taxonomy) -> dict[str, str]:
    """Return a color for each listener mood: that of the song mood it asks for most."""
    colors = mood_colors(taxonomy.names)
    return {
        mood.name: colors[max(taxonomy.names, key=lambda name: mood.weights.get(name, 0.0))]
        for mood in taxonomy.listener_moods
    }


def paneled(found: ListenerFindings) -> tuple[tuple[str, ...], str]:
    """Return the moods that have a panel each, in their order, and what to say if not all do."""
    moods, ticked = found.validation.moods, found.validation.ticked
    if len(moods) <= MAX_PANELS:
        return moods, ""
    most = sorted(range(len(moods)), key=lambda m: (-ticked[m], m))[:MAX_PANELS]
    return tuple(moods[m] for m in sorted(most)), (
        f" The {MAX_PANELS} moods that were ticked most, of {len(moods)}."
    )


def _validated(found: ListenerFindings) -> str:
    v = found.validation
    return (
        f"{v.n_listeners:,} listeners, each predicted by models trained on others: {v.n_folds} "
        f"folds, {v.n_repeats} {'repeat' if v.n_repeats == 1 else 'repeats'}."
    )


def listener_confusion(found: ListenerFindings, *, synthetic: bool) -> Figure:
    """Return the moods that were ticked against the likeliest one."""
    moods = found.validation.moods
    return confusion_figure(
        np.array(found.validation.confusion, dtype=np.int64),
        rows=moods,
        columns=moods,
        row_axis="Ticked by the listener",
        column_axis="Likeliest mood by the model",
        framing=Framing(
            title="What listeners ticked, and what the model finds likeliest",
            subtitle="Of the listeners who ticked the row's mood, the share (%) for whom the "
            "column's is the likeliest.",
            caption=f"{_validated(found)} Who ticked several moods stands in several rows, so not "
            "every cell off the diagonal is an error.",
            synthetic=synthetic,
        ),
    )


def misses(found: ListenerFindings) -> list[MoodShare]:
    """Return for each likeliest mood how many of its listeners had not ticked it."""
    predictions = found.out_of_fold
    likeliest = predictions.mean().argmax(axis=1)
    missed = ~predictions.ticks[np.arange(len(likeliest)), likeliest]
    return [
        share_of(mood, int(missed[likeliest == m].sum()), int((likeliest == m).sum()))
        for m, mood in enumerate(predictions.moods)
    ]


def listener_misses(found: ListenerFindings, *, colors: dict[str, str], synthetic: bool) -> Figure:
    """Return how often the likeliest mood was not ticked, per likeliest mood."""
    constant = 1 - found.validation.hit_rate.constant.value
    shares = misses(found)
    nobody = "" if all(s.n for s in shares) else " A mood with 0 was nobody's likeliest."
    return misclassification_figure(
        shares,
        colors=colors,
        axis="Listeners who had not ticked their likeliest mood (%)",
        reference=(constant, f"always the commonest mood: {number(100 * constant, 0)} %"),
        framing=Framing(
            title="When the likeliest mood was not ticked",
            subtitle="One bar per likeliest mood, with the number of listeners it was the "
            "likeliest for, and the 95 % interval.",
            caption=_validated(found) + nobody,
            synthetic=synthetic,
        ),
    )


def listener_risk_coverage(found: ListenerFindings, *, synthetic: bool) -> Figure:
    """Return the hit rate over the share of listeners who get an answer."""
    risk = found.validation.risk_coverage
    curve = RiskCurve(
        coverage=np.array(risk.coverage),
        hit_rate=np.array([rate.value for rate in risk.hit_rate]),
        low=np.array([rate.low for rate in risk.hit_rate]),
        high=np.array([rate.high for rate in risk.hit_rate]),
        constant=found.validation.hit_rate.constant.value,
        chosen=risk.sure_coverage if risk.sure_hit_rate is not None else None,
    )
    return risk_coverage_figure(
        curve,
        framing=Framing(
            title="Does the model know when it does not know?",
            subtitle="If it does, the curve falls to the right. The band is the 95 % interval; "
            'right of the dot the model says "not sure".'
            if curve.chosen is not None
            else "If it does, the curve falls to the right. The band is the 95 % interval; "
            "it is sure of nobody.",
            caption=_validated(found),
            synthetic=synthetic,
        ),
    )


def listener_calibration(
    found: ListenerFindings, *, colors: dict[str, str], synthetic: bool
) -> Figure:
    """Return how often each mood was ticked over the probability it was given."""
    moods, said = paneled(found)
    bins = [
        ReliabilityBins(
            mood=r.mood,
            predicted=np.array(r.predicted),
            observed=np.array(r.observed),
            counts=np.array(r.counts),
        )
        for r in found.validation.reliability
        if r.mood in moods
    ]
    return calibration_figure(
        bins,
        colors=colors,
        framing=Framing(
            title="Do the probabilities mean what they say?",
            subtitle="On the dashed line they do: of all listeners who are given 60 %, sixty in "
            "a hundred ticked the mood. Larger dots, more listeners.",
            caption=_validated(found) + said,
            synthetic=synthetic,
        ),
    )


def answer_weights(found: ListenerFindings) -> list[AnswerWeight]:
    """Return all weights of the model, under names that can be drawn."""
    return [
        AnswerWeight.to_question(row["mood"], row["column"], row["answer"], row["weight"])
        for row in found.weights.iter_rows(named=True)
    ]


def listener_answer_weights(found: ListenerFindings, *, synthetic: bool) -> Figure:
    """Return the answers that speak most for and against each mood."""
    moods, said = paneled(found)
    return answer_weights_figure(
        answer_weights(found),
        moods=moods,
        framing=Framing(
            title="Which answers speak for and against each mood",
            subtitle="Blue bars raise the mood's probability, orange bars lower it, beside a "
            "listener whose answer is not known.",
            caption="All answers stand in answer_weights.csv. A weight says what goes together "
            "in this table of listeners, and not what causes what." + said,
            synthetic=synthetic,
        ),
    )
