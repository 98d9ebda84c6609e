"""The figures of an evaluation: by label, against each reference, calibration, confusion, plane."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from moodtune.evaluation.agreement_results import (
    FIDELITY,
    AxisAgreement,
    Evaluation,
    Kind,
    LabelAgreement,
    Measured,
)
from moodtune.evaluation.intervals import Figure as Interval
from moodtune.evaluation.references import CONSTANT, ORIGINAL, TWO_COLUMNS
from moodtune.reports.dot_figures import Panel, Series, dots_figure
from moodtune.reports.listener_figures import ReliabilityBins, calibration_figure
from moodtune.reports.mood_figures import Framing, confusion_figure
from moodtune.reports.style import (
    BLUE,
    INK,
    MUTED,
    SEQUENTIAL,
    drawable,
    drawing,
    new_figure,
    number,
    place_axes,
)

#: What the references are called in figures and pages, in order, and their style in figures.
NAMES: Mapping[str, str] = {
    CONSTANT: "constant",
    ORIGINAL: "original recipe",
    TWO_COLUMNS: "valence and energy alone",
}
BY_LABEL = "agreement_by_label.png"
GAINS = "gains.png"
RELIABILITY = "reliability.png"
CONFUSION = "confusion_matrix.png"
SHARES = "catalog_shares.png"
PLANE = "valence_arousal.png"
#: Every figure that an evaluation may write.
EVERY_FIGURE = (BY_LABEL, GAINS, RELIABILITY, CONFUSION, SHARES, PLANE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure, not yet drawn, and the name of its file."""

    name: str
    draw: Callable[[], Figure]


def figures_of(evaluation: Evaluation) -> Iterator[Drawing]:
    """Yield every figure of ``evaluation``."""
    labels = evaluation.labels
    if labels is not None:
        yield Drawing(name=BY_LABEL, draw=lambda: by_label(evaluation, labels))
        yield Drawing(name=GAINS, draw=lambda: gains(evaluation, labels))
        yield Drawing(name=RELIABILITY, draw=lambda: reliability(evaluation, labels))
        yield Drawing(name=CONFUSION, draw=lambda: confusion(evaluation, labels))
        yield Drawing(name=SHARES, draw=lambda: catalog_shares(evaluation, labels))
    if evaluation.axes:
        yield Drawing(name=PLANE, draw=lambda: plane(evaluation))


def with_whom(kind: Kind) -> str:
    """Return what the model agrees with: people's labels, or a rule."""
    return "Fidelity to a rule" if kind == FIDELITY else "Agreement with people's labels"


def series_of(measured: list[Measured]) -> list[Series]:
    """Return the model and its references as they are drawn."""
    return [
        Series(name="the model", style=0, dots=[m.model for m in measured]),
        *(
            Series(name=said, style=k, dots=[m.references.get(name) for m in measured])
            for k, (name, said) in enumerate(NAMES.items(), start=1)
            if any(name in m.references for m in measured)
        ),
    ]


def by_label(evaluation: Evaluation, labels: LabelAgreement) -> Figure:
    """Return AUC and precision of each label, and their means, beside the references."""
    each, mean = labels.labels, labels.overall
    panels = [
        Panel(
            title="Area under the ROC curve",
            axis="AUC (0.5 is a coin, 1 is perfect)",
            series=series_of([*(label.auc for label in each), mean.mean_auc]),
            mark=0.5,
        ),
        Panel(
            title="Precision among the first 50",
            axis="Share of the first 50 that carry the label",
            series=series_of([*(x.precision_at_50 for x in each), mean.mean_precision_at_50]),
            limits=(0, 1.02),
        ),
    ]
    names = [f"{label.label} ({label.n:,})" for label in each]
    return dots_figure(
        [*names, "mean"],
        panels,
        framing=_framing(
            evaluation,
            title=f"{with_whom(labels.kind)}, label by label",
            subtitle="Each label against the others, with the number of tracks that carry it.",
            caption=_measured_on(labels, lines=True),
        ),
    )


def gains(evaluation: Evaluation, labels: LabelAgreement) -> Figure:
    """Return by how much the model is better than each reference, with paired intervals."""
    mean = labels.overall
    measures = {
        "Mean AUC": mean.mean_auc,
        "Mean precision among the first 50": mean.mean_precision_at_50,
        "Macro-F1": mean.macro_f1,
    }
    rows = [name for name in NAMES if name in mean.mean_auc.gains]
    panels = [
        Panel(
            title=title,
            axis="The model's less the reference's",
            series=[
                Series(name="the model", style=0, dots=[measured.gains[name] for name in rows])
            ],
            mark=0,
        )
        for title, measured in measures.items()
    ]
    return dots_figure(
        [f"than the {NAMES[name]}" if name != TWO_COLUMNS else "than two columns" for name in rows],
        panels,
        framing=_framing(
            evaluation,
            title="How much better the model is than each reference",
            subtitle="Right of the line the model is better. Where an interval crosses it, these "
            "labels cannot tell the two apart.",
            caption=f"{_measured_on(labels, lines=True)} Two columns: valence and energy alone.",
        ),
    )


def reliability(evaluation: Evaluation, labels: LabelAgreement) -> Figure:
    """Return how often each label is true, over the probability given to it."""
    bins = [
        ReliabilityBins(
            mood=one.label,
            predicted=np.array(one.predicted),
            observed=np.array(one.observed),
            counts=np.array(one.counts),
        )
        for one in labels.reliability
    ]
    error = labels.overall.calibration_error.model
    return calibration_figure(
        bins,
        colors=dict.fromkeys((one.label for one in labels.reliability), BLUE),
        cases="Tracks that carry it (%)",
        framing=_framing(
            evaluation,
            title="Is a probability what it says?",
            subtitle="On the broken line it is. A circle is a tenth of the scale, larger where "
            f"more tracks lie. Expected calibration error {_said(error.value)} "
            f"({_said(error.low)} to {_said(error.high)}).",
            caption=f"{_measured_on(labels)} The probability of a label is its share among the "
            "labels asked for; how common each is here was for the table's maker to choose.",
        ),
    )


def confusion(evaluation: Evaluation, labels: LabelAgreement) -> Figure:
    """Return people's labels against the model's likeliest."""
    names = [one.label for one in labels.labels]
    rule = "By the rule" if labels.kind == FIDELITY else "By people"
    return confusion_figure(
        np.array(labels.confusion, dtype=np.int64),
        rows=names,
        columns=names,
        row_axis=rule,
        column_axis="Likeliest by the model",
        framing=_framing(
            evaluation,
            title="What is taken for what",
            subtitle="Each row is the tracks that carry a label: for how many of them, in percent, "
            "the model finds which label likeliest.",
            caption=_measured_on(labels),
        ),
    )


def catalog_shares(evaluation: Evaluation, labels: LabelAgreement) -> Figure:
    """Return the share of the catalog that each mood leads."""
    moods = labels.catalog_shares
    series = [Series(name="the model", style=0, dots=[_percent(one.model) for one in moods])]
    for style, (name, said) in enumerate(NAMES.items(), start=1):
        if name in moods[0].references:
            dots = [_percent(one.references[name]) for one in moods]
            series.append(Series(name=said, style=style, dots=dots))
    panel = Panel(title="", axis="Share of the catalog's tracks (%)", series=series)
    return dots_figure(
        [one.mood for one in moods],
        [panel],
        framing=Framing(
            title="How the catalog is spread over the moods",
            subtitle="Tracks by their likeliest mood, or their cluster's name in the recipe.",
            caption=f"All {evaluation.catalog_tracks:,} tracks of the model's catalog. No label "
            "takes part in this. 95 % intervals may be narrower than the dot.",
            synthetic=evaluation.synthetic,
        ),
    )


def plane(evaluation: Evaluation) -> Figure:
    """Return people's valence and arousal over the model's, both as ranks."""
    axes_found = evaluation.axes
    with drawing():
        figure = new_figure(
            width=max(0.5 + 4.2 * len(axes_found), 6.6),
            height=5.9,
            title=f"{with_whom(evaluation.kind)}: {' and '.join(a.axis for a in axes_found)}",
            subtitle="Tracks by rank, darker where there are more. With perfect agreement all "
            "would lie on the broken line.",
            caption=f"{axes_found[0].counts.units:,} pairs of a track and a value in "
            f"{drawable(evaluation.source.name)}; stripes are values that many tracks share. "
            "Spearman's correlation has its 95 % interval, by "
            f"{drawable(axes_found[0].interval_by)}.",
            synthetic=evaluation.synthetic,
        )
        for place, one in enumerate(axes_found):
            width = float(figure.get_size_inches()[0])
            left = 0.8 + 4.2 * place
            panel = place_axes(
                figure, left=left, right=width - left - 3.35, bottom=1.2, top=1.35, label=one.axis
            )
            _draw_cells(panel, one, np.array(one.cells, dtype=np.int64))
    return figure


def _draw_cells(axes: Axes, one: AxisAgreement, cells: NDArray[np.int64]) -> None:
    axes.imshow(cells, origin="lower", extent=(0, 100, 0, 100), cmap=SEQUENTIAL, aspect="auto")
    axes.plot([0, 100], [0, 100], color=INK, linewidth=1, linestyle=(0, (4, 3)))
    found, column = one.spearman.model, one.spearman.references[TWO_COLUMNS]
    axes.set_title(
        f"{one.axis.capitalize()}: Spearman {_said(found.value)} ({_said(found.low)} to "
        f"{_said(found.high)})",
        loc="left",
        size=10,
        weight="bold",
        pad=20,
    )
    axes.annotate(
        f"the {one.column} column alone: {_said(column.value)} ({_said(column.low)} to "
        f"{_said(column.high)})",
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 5),
        textcoords="offset points",
        size=8.5,
        color=MUTED,
    )
    axes.set_xlabel(f"The model's {one.axis} (rank, %)")
    axes.set_ylabel(f"People's {one.axis} (rank, %)")
    axes.spines[:].set_visible(False)


def _percent(share: Interval) -> Interval:
    return Interval(value=100 * share.value, low=100 * share.low, high=100 * share.high)


def _said(value: float) -> str:
    return number(value, 2)


def _measured_on(labels: LabelAgreement, *, lines: bool = False) -> str:
    counts = labels.counts
    said = f"{counts.units:,} pairs of a track and a label, {counts.tracks:,} tracks."
    by = drawable(labels.interval_by)
    return f"{said} Lines are 95 % intervals, by {by}." if lines else said


def _framing(evaluation: Evaluation, *, title: str, subtitle: str, caption: str) -> Framing:
    said = f"{caption} Labels: {drawable(evaluation.source.name)}."
    return Framing(title=title, subtitle=subtitle, caption=said, synthetic=evaluation.synthetic)
