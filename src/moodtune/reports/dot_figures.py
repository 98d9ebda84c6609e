"""Figures measured for several at once, each a dot with its interval, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from moodtune.evaluation.intervals import Figure as Interval
from moodtune.reports.mood_figures import LETTER_INCHES, Framing
from moodtune.reports.style import (
    BLUE,
    INK,
    MUTED,
    VERMILION,
    drawable,
    drawing,
    new_figure,
    place_axes,
)

_ROW_INCHES = 0.17  # per dot of a row
_BETWEEN_ROWS = 0.13
_PANEL_INCHES = 3.3
_TOP, _BOTTOM = 1.3, 1.12
_LONGEST_NAME = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What is drawn alike in every row: ``dots`` has one figure per row, None where there is none.

    ``style``  0 for the model, then one number per reference
    """

    name: str
    style: int
    dots: Sequence[Interval | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One measure: ``mark`` is a value that a line marks, None for none."""

    title: str
    axis: str
    series: Sequence[Series]
    mark: float | None = None
    limits: tuple[float, float] | None = None


#: Color, shape and fill of each style; in print and to every eye the shape alone tells them apart.
_STYLES = (
    (BLUE, "o", BLUE),
    (MUTED, "s", "white"),
    (INK, "^", "#B8C1CA"),
    (VERMILION, "D", VERMILION),
)


def dots_figure(rows: Sequence[str], panels: Sequence[Panel], *, framing: Framing) -> Figure:
    """Return panels side by side that share their rows, the first on top.

    A legend stands above them, unless there is one series alone.
    """
    names = [drawable(row, longest=_LONGEST_NAME) for row in rows]
    left = 0.45 + LETTER_INCHES * max(map(len, names))
    top = _TOP if len(panels[0].series) > 1 else _TOP - 0.3
    n_dots = max(len(panel.series) for panel in panels)
    inches = len(rows) * (n_dots * _ROW_INCHES + _BETWEEN_ROWS)
    width = left + len(panels) * (_PANEL_INCHES + 0.3) + 0.1
    with drawing():
        figure = new_figure(
            width=max(width, 7.2),
            height=top + 0.25 + inches + _BOTTOM,
            title=framing.title,
            subtitle=framing.subtitle,
            caption=framing.caption,
            synthetic=framing.synthetic,
        )
        each = (max(width, 7.2) - left - 0.1) / len(panels)
        for place, panel in enumerate(panels):
            axes = place_axes(
                figure,
                left=left + place * each,
                bottom=_BOTTOM,
                right=0.35 + (len(panels) - 1 - place) * each,
                top=top + 0.25,
                label=panel.title,
            )
            _draw_panel(axes, panel, names, labelled=place == 0)
        if len(panels[0].series) > 1:
            _legend(figure, panels[0].series, left)
    return figure


def _draw_panel(axes: Axes, panel: Panel, names: Sequence[str], *, labelled: bool) -> None:
    if panel.mark is not None:
        axes.axvline(panel.mark, color=MUTED, linewidth=1.1, linestyle=(0, (4, 3)), zorder=1)
    for place, series in enumerate(panel.series):
        shift = _ROW_INCHES * (place - (len(panel.series) - 1) / 2)
        _draw_series(axes, series, shift / (len(panel.series) * _ROW_INCHES + _BETWEEN_ROWS))
    for row in range(1, len(names)):
        axes.axhline(row - 0.5, color="#E8ECEF", linewidth=0.8, zorder=0)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names if labelled else [""] * len(names))
    axes.set_xlabel(panel.axis)
    axes.set_title(panel.title, loc="left", size=9.5, weight="bold")
    if panel.limits is not None:
        axes.set_xlim(*panel.limits)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _draw_series(axes: Axes, series: Series, shift: float) -> None:
    color, marker, fill = _STYLES[series.style]
    known = [(row + shift, dot) for row, dot in enumerate(series.dots) if dot is not None]
    places = [place for place, _ in known]
    axes.hlines(
        places, [d.low for _, d in known], [d.high for _, d in known], color=color, linewidth=1.6
    )
    axes.plot(
        [dot.value for _, dot in known],
        places,
        linestyle="",
        marker=marker,
        markersize=6 if series.style == 0 else 5,
        markerfacecolor=fill,
        markeredgecolor=color,
        label=series.name,
        zorder=3,
    )


def _legend(figure: Figure, series: Sequence[Series], left: float) -> None:
    handles = [
        Line2D(
            [],
            [],
            color=_STYLES[one.style][0],
            marker=_STYLES[one.style][1],
            markerfacecolor=_STYLES[one.style][2],
            linewidth=1.6,
            label=one.name,
        )
        for one in series
    ]
    width, height = (float(side) for side in figure.get_size_inches())
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=((left - 0.1) / width, 1 - (_TOP - 0.36) / height),
        ncols=len(handles),
        frameon=False,
        fontsize=8.5,
        borderpad=0,
        handletextpad=0.5,
        columnspacing=1.6,
    )
