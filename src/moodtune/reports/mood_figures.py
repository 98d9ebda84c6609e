"""Figures that hold moods against moods: who is taken for whom, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from moodtune.reports.style import (
    INK,
    MUTED,
    NO_MOOD_COLOR,
    SEQUENTIAL,
    draw_bars,
    drawable,
    drawing,
    new_figure,
    place_axes,
)

_LONGEST_NAME = 40
LETTER_INCHES = 0.07  # of a tick label, on average
_MOST_LINES = 3
_DARK = 0.5  # the share from which a cell's color asks for white letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """What stands around a figure: its title, what it shows, and what to know about it."""

    title: str
    subtitle: str
    caption: str
    synthetic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodShare:
    """A share of cases of one mood, with its interval; all in [0, 1]."""

    mood: str
    share: float
    low: float
    high: float
    n: int  # cases of this mood; 0 where there is nothing to say


def confusion_figure(
    counts: NDArray[np.int64],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    row_axis: str,
    column_axis: str,
    framing: Framing,
) -> Figure:
    """Return a matrix of moods against moods, each cell with its share of its row in percent.

    ``counts`` [shape=(len(rows), len(columns))]; a row without cases stays empty.
    """
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
    names = [_named(name, int(n)) for name, n in zip(rows, totals[:, 0], strict=True)]
    side = max(0.56, 4.6 / len(columns))
    across, turned, deep = _labels_below(columns, side)
    left = 0.75 + LETTER_INCHES * max(map(len, names))
    below = 1.1 + deep
    with drawing():
        figure = new_figure(
            width=max(left + side * len(columns) + 0.5, 6.6),
            height=1.05 + min(side * 0.82, 0.7) * len(rows) + below,
            title=framing.title,
            subtitle=framing.subtitle,
            caption=framing.caption,
            synthetic=framing.synthetic,
        )
        axes = place_axes(figure, left=left, bottom=below, right=0.5, top=1.05)
        axes.imshow(shares.astype(np.float32), cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto")
        for row, column in np.argwhere(counts > 0):
            _write_share(axes, row, column, float(shares[row, column]))
        _frame_cells(axes, counts.shape)
        axes.set_yticks(range(len(rows)), names)
        axes.set_xticks(range(len(columns)), across)
        if turned:
            turn_labels(axes)
        axes.set_xlabel(column_axis)
        axes.set_ylabel(row_axis)
    return figure


def _labels_below(columns: Sequence[str], side: float) -> tuple[list[str], bool, float]:
    """Return the columns' labels, whether they are turned, and the inches that they need."""
    names = [drawable(name, longest=_LONGEST_NAME) for name in columns]
    wrapped = [
        fill(name, max(int(0.85 * side / LETTER_INCHES), 4), break_long_words=False)
        for name in names
    ]
    n_lines = max(name.count("\n") for name in wrapped) + 1
    if max(len(line) for name in wrapped for line in name.split("\n")) * LETTER_INCHES <= side and (
        n_lines <= _MOST_LINES
    ):
        return wrapped, False, 0.15 * n_lines
    return names, True, 0.6 * LETTER_INCHES * max(map(len, names))


def turn_labels(axes: Axes) -> None:
    """Turn the labels below, so that long ones do not run into each other."""
    for label in axes.get_xticklabels():
        label.set(rotation=35, ha="right", rotation_mode="anchor")


def _named(mood: str, n: int) -> str:
    return f"{drawable(mood, longest=_LONGEST_NAME)} ({n:,})"


def _write_share(axes: Axes, row: int, column: int, share: float) -> None:
    percent = 100 * share
    text = f"{percent:.0f}" if percent >= 1 else "<1"
    color = "white" if share > _DARK else INK if percent >= 1 else MUTED
    axes.text(column, row, text, ha="center", va="center", size=8.5, color=color)


def _frame_cells(axes: Axes, shape: tuple[int, ...]) -> None:
    """Part the cells by white lines, and leave nothing else around them."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.hlines(np.arange(shape[0] + 1) - 0.5, -0.5, shape[1] - 0.5, color="white", linewidth=1.5)
    axes.vlines(np.arange(shape[1] + 1) - 0.5, -0.5, shape[0] - 0.5, color="white", linewidth=1.5)


def misclassification_figure(
    shares: Sequence[MoodShare],
    *,
    colors: Mapping[str, str],
    axis: str,
    framing: Framing,
    reference: tuple[float, str] | None = None,
) -> Figure:
    """Return one bar per mood with its interval, the first mood on top.

    ``reference``  a share to hold all of them against, and what it is
    """
    names = [_named(s.mood, s.n) for s in shares]
    left = 0.55 + LETTER_INCHES * max(map(len, names))
    with drawing():
        figure = new_figure(
            width=left + 5.2,
            height=2.15 + 0.36 * len(shares) + (0.2 if reference else 0),
            title=framing.title,
            subtitle=framing.subtitle,
            caption=framing.caption,
            synthetic=framing.synthetic,
        )
        top = 1.25 if reference else 1.05
        axes = place_axes(figure, left=left, bottom=1.1, right=0.5, top=top)
        _draw_shares(axes, shares, colors)
        axes.set_yticks(range(len(shares)), names)
        axes.set_ylim(len(shares) - 0.4, -0.6)
        axes.set_xlabel(axis)
        if reference:
            _mark_reference(axes, *reference)
    return figure


def _draw_shares(axes: Axes, shares: Sequence[MoodShare], colors: Mapping[str, str]) -> None:
    known = [(y, s) for y, s in enumerate(shares) if s.n]
    draw_bars(
        axes,
        np.array([(y - 0.31, y + 0.31) for y, _ in known]).reshape(-1, 2),
        np.array([100 * s.share for _, s in known]),
        colors=[colors.get(s.mood, NO_MOOD_COLOR) for _, s in known],
        upright=False,
        edge=INK,
    )
    for color, width in (("white", 4.2), (INK, 1.8)):  # seen on dark bars and on none
        axes.hlines(
            [y for y, _ in known],
            [100 * s.low for _, s in known],
            [100 * s.high for _, s in known],
            color=color,
            linewidth=width,
        )
    reach = max((100 * s.high for _, s in known), default=0)
    axes.set_xlim(0, min(max(reach * 1.12, 5), 100))
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _mark_reference(axes: Axes, share: float, said: str) -> None:
    axes.axvline(100 * share, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.set_xlim(0, max(axes.get_xlim()[1], min(115 * share, 100)))
    nearly_right = 100 * share > 0.6 * axes.get_xlim()[1]
    axes.annotate(
        said,
        (100 * share, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 4),
        textcoords="offset points",
        ha="right" if nearly_right else "left",
        size=8.5,
        color=MUTED,
        annotation_clip=False,
    )
