"""Figures of the listener model: is it calibrated, does it know when it does not, what counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from moodtune.reports.mood_figures import Framing
from moodtune.reports.style import (
    BLUE,
    INK,
    MUTED,
    NO_MOOD_COLOR,
    PALE_BLUE,
    VERMILION,
    draw_bars,
    drawable,
    drawing,
    new_figure,
    number,
    place_axes,
)

_PANELS_ACROSS = 2
_ANSWER_LETTERS = 46
#: Letters of a column's name and of an answer that are drawn; both ends of an answer stay.
_COLUMN_LETTERS, _SHOWN_LETTERS = 38, 44
_SMALL_LETTER_INCHES = 0.062
_TOO_FEW = 0.1  # coverage under which the curve is noise, and does not set the scale


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBins:
    """One mood's predictions in bins; empty bins are left out.

    ``predicted``, ``observed``  mean probability and share of listeners who ticked it [shape=(b,)]
    ``counts``                   listeners per bin [shape=(b,)]
    """

    mood: str
    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCurve:
    """The hit rate over the share of listeners answered, the surest first; all in [0, 1].

    ``coverage``, ``hit_rate``  [shape=(n_points,)], coverage ascending
    ``low``, ``high``           the hit rate's interval, same shape
    """

    coverage: NDArray[np.float64]
    hit_rate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    constant: float  # hit rate of always naming the commonest mood
    chosen: float | None  # the coverage at which the model says that it does not know


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWeight:
    """How much an answer speaks for (above 0) or against a mood, in log odds."""

    mood: str
    answer: str
    weight: float

    @classmethod
    def to_question(cls, mood: str, column: str, answer: str, weight: float) -> "AnswerWeight":
        """Return the weight under a name that is short enough and tells answers apart."""
        named = f"{shortened(column, _COLUMN_LETTERS)}: {shortened(answer, _SHOWN_LETTERS)}"
        return cls(mood=mood, answer=named, weight=weight)


def shortened(text: str, longest: int) -> str:
    """Return ``text`` with an ellipsis for its middle where it is longer than ``longest``.

    >>> shortened("one and the same beginning, another end", 20)
    'one and the …her end'
    """
    if len(text) <= longest:
        return text
    head = (longest - 1) * 2 // 3
    return text[:head] + "\N{HORIZONTAL ELLIPSIS}" + text[len(text) - (longest - 1 - head) :]


def calibration_figure(
    bins: Sequence[ReliabilityBins],
    *,
    colors: Mapping[str, str],
    framing: Framing,
    cases: str = "Listeners who ticked it (%)",
) -> Figure:
    """Return a panel per mood: what share had it, as ``cases`` says, over its probability."""
    with drawing():
        figure, panels = _panels(len(bins), framing, panel_height=2.9, left=0.85)
        for panel, one in zip(panels, bins, strict=True):
            _draw_reliability(panel, one, colors.get(one.mood, NO_MOOD_COLOR))
        for panel in panels[::_PANELS_ACROSS]:
            panel.set_ylabel(cases)
        for panel in panels[-_PANELS_ACROSS:]:
            panel.set_xlabel("Predicted probability (%)")
    return figure


def _draw_reliability(axes: Axes, bins: ReliabilityBins, color: str) -> None:
    axes.plot([0, 100], [0, 100], color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot(100 * bins.predicted, 100 * bins.observed, color=INK, linewidth=1)
    share = bins.counts / max(bins.counts.sum(), 1)
    axes.scatter(
        100 * bins.predicted,
        100 * bins.observed,
        s=25 + 500 * share,
        c=color,
        edgecolors=INK,
        linewidths=0.8,
        zorder=3,
        clip_on=False,
    )
    axes.set(xlim=(-4, 104), ylim=(-4, 104), xticks=range(0, 101, 25), yticks=range(0, 101, 25))
    axes.grid()
    _head(axes, bins.mood)


def _head(axes: Axes, mood: str) -> None:
    axes.set_title(drawable(mood), loc="left", size=9.5, weight="bold")


def _panels(
    n: int, framing: Framing, *, panel_height: float, left: float
) -> tuple[Figure, list[Axes]]:
    """Return a figure with ``n`` panels in rows of two, read like a page."""
    n_down = -(-n // _PANELS_ACROSS)
    width, top, bottom = 2 * (left + 3.3) + 0.3, 0.95, 1.1
    cell_width = (width - 0.3) / _PANELS_ACROSS
    height = top + n_down * (panel_height + 0.6) + bottom - 0.1
    figure = new_figure(
        width=width,
        height=height,
        title=framing.title,
        subtitle=framing.subtitle,
        caption=framing.caption,
        synthetic=framing.synthetic,
    )
    panels = []
    for k in range(n):
        down, across = divmod(k, _PANELS_ACROSS)
        above = top + down * (panel_height + 0.6) + 0.3
        panels.append(
            place_axes(
                figure,
                left=across * cell_width + left,
                right=width - (across + 1) * cell_width + 0.05,
                top=above,
                bottom=height - above - panel_height,
            )
        )
    return figure, panels


def risk_coverage_figure(curve: RiskCurve, *, framing: Framing) -> Figure:
    """Return the hit rate over the share of listeners that the model answers."""
    with drawing():
        figure = new_figure(
            width=7.6,
            height=4.9,
            title=framing.title,
            subtitle=framing.subtitle,
            caption=framing.caption,
            synthetic=framing.synthetic,
        )
        axes = place_axes(figure, left=0.8, bottom=1.15, right=0.4, top=1.05)
        x = 100 * curve.coverage
        axes.fill_between(x, 100 * curve.low, 100 * curve.high, color=PALE_BLUE, linewidth=0)
        axes.plot(x, 100 * curve.hit_rate, color=BLUE, linewidth=2)
        axes.axhline(100 * curve.constant, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
        settled = curve.low[curve.coverage >= _TOO_FEW]
        lowest = min(float(settled.min(initial=1)), curve.constant)
        axes.set(xlim=(0, 100), ylim=(max(100 * lowest - 10, 0), 101))
        said = f"always the commonest mood: {number(100 * curve.constant, 0)} %"
        _note(axes, (1.5, 100 * curve.constant), said)
        if curve.chosen is not None:
            _mark_chosen(axes, curve, curve.chosen)
        axes.set_xlabel("Coverage: listeners who get an answer, the surest first (%)")
        axes.set_ylabel("Hit rate: the likeliest mood was ticked (%)")
        axes.grid()
    return figure


def _mark_chosen(axes: Axes, curve: RiskCurve, chosen: float) -> None:
    rate = float(np.interp(chosen, curve.coverage, curve.hit_rate))
    bottom = axes.get_ylim()[0]
    axes.vlines(100 * chosen, bottom, 100 * rate, color=INK, linewidth=1)
    axes.scatter([100 * chosen], [100 * rate], s=60, c=VERMILION, edgecolors=INK, zorder=3)
    right = chosen > 0.5  # noqa: PLR2004 - the middle of the axis
    axes.annotate(
        f"answers {number(100 * chosen, 0)} % of listeners,\nhits {number(100 * rate, 0)} %",
        (100 * chosen, bottom),
        xytext=(-6 if right else 6, 8),
        textcoords="offset points",
        ha="right" if right else "left",
        weight="bold",
    )


def _note(axes: Axes, place: tuple[float, float], said: str) -> None:
    axes.annotate(
        said,
        place,
        xytext=(0, -4),
        textcoords="offset points",
        va="top",
        size=8.5,
        color=MUTED,
    )


def answer_weights_figure(
    weights: Sequence[AnswerWeight], *, moods: Sequence[str], most: int = 5, framing: Framing
) -> Figure:
    """Return a panel per mood: the ``most`` answers that speak most for it, and most against."""
    chosen = {mood: strongest(weights, mood, most=most) for mood in moods}
    reach = max((abs(w.weight) for some in chosen.values() for w in some), default=1.0)
    n_bars = max((len(some) for some in chosen.values()), default=1)
    with drawing():
        figure, panels = _panels(
            len(moods),
            framing,
            panel_height=0.36 * max(n_bars, 3),
            left=0.3 + _SMALL_LETTER_INCHES * _ANSWER_LETTERS,
        )
        for panel, mood in zip(panels, moods, strict=True):
            _draw_weights(panel, chosen[mood], reach)
            _head(panel, mood)
        for panel in panels[-_PANELS_ACROSS:]:
            panel.set_xlabel("Weight of the answer (log odds)")
    return figure


def strongest(weights: Sequence[AnswerWeight], mood: str, *, most: int) -> list[AnswerWeight]:
    """Return the answers with the largest weights for ``mood``, then the smallest against it.

    From the most in favor to the most opposed; ties by the answer's text.
    """
    own = sorted((w for w in weights if w.mood == mood), key=lambda w: (-w.weight, w.answer))
    speaking_for = [w for w in own[:most] if w.weight > 0]
    speaking_against = [w for w in own[-most:] if w.weight < 0]
    return speaking_for + speaking_against


def _draw_weights(axes: Axes, weights: Sequence[AnswerWeight], reach: float) -> None:
    places = range(len(weights))
    colors = [BLUE if w.weight > 0 else VERMILION for w in weights]
    draw_bars(
        axes,
        np.array([(y - 0.34, y + 0.34) for y in places]).reshape(-1, 2),
        np.array([w.weight for w in weights]),
        colors=colors,
        upright=False,
    )
    names = [fill(drawable(w.answer, longest=84), _ANSWER_LETTERS) for w in weights]
    axes.set_yticks(places, names, size=7.8)
    axes.set_ylim(max(len(weights), 1) - 0.4, -0.6)
    axes.set_xlim(-1.1 * reach, 1.1 * reach)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if not weights:
        said = "No answer counts:\ntoo few ticked this mood, or too few did not."
        note = axes.text(0.5, 0.5, said, transform=axes.transAxes, size=8.5, color=MUTED)
        note.set(ha="center", va="center", bbox={"facecolor": "white", "edgecolor": "none"})
