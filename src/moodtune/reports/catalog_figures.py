"""Figures of a catalog: how its features are spread, and which go together."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from numpy.typing import NDArray

from moodtune.catalog.schema import DURATION_MS, KEY
from moodtune.reports.quantities import DISTRIBUTED, PITCHES, WORDINGS, Cells, DrawnTracks, cells_of
from moodtune.reports.style import (
    BLUE,
    DIVERGING,
    INK,
    MUTED,
    PALE_BLUE,
    draw_bars,
    drawing,
    new_figure,
    number,
    place_axes,
)

_BARS = 60
_BLOCK = 8192  # tracks that sums are taken over at once


def distributed_features(drawn: DrawnTracks) -> tuple[str, ...]:
    """Return the features whose distribution can be drawn: there, and not blank throughout."""
    return tuple(
        name
        for name in DISTRIBUTED
        if name in drawn.columns and not np.isnan(drawn.columns[name]).all()
    )


def distribution_figure(drawn: DrawnTracks, name: str, *, synthetic: bool) -> Figure:
    """Return the share of tracks over one feature, its middle half marked."""
    values = drawn.columns[name]
    known = values[~np.isnan(values)]
    cells = cells_of(name, values, n_cells=_BARS)
    wording = WORDINGS[name]
    with drawing():
        figure = new_figure(
            width=7.6,
            height=4.6,
            title=f"{wording.name} of the tracks",
            subtitle=_spread_said(name, known),
            caption=" ".join((drawn.said, *_beyond_said(cells), *_blank_said(values))),
            synthetic=synthetic,
        )
        axes = place_axes(figure, left=0.8, bottom=1.05, right=0.3, top=1.05)
        _draw_bars(axes, cells, known)
        axes.set_xlabel(wording.axis)
        axes.set_ylabel("Share of tracks (%)")
        axes.grid(axis="y")
        if name == KEY:
            name_pitches(axes.xaxis, cells)
    return figure


def _draw_bars(axes: Axes, cells: Cells, known: NDArray[np.float32]) -> None:
    share = 100 * cells.counts(known) / max(len(known), 1)
    low, median, high = np.percentile(known, (25, 50, 75))
    middle = (cells.edges[:-1] + cells.edges[1:]) / 2
    whole = cells.name == KEY
    inside = np.zeros(len(cells), dtype=bool) if whole else (middle >= low) & (middle <= high)
    reach = np.diff(cells.edges) * (0.4 if whole else 0.47)
    draw_bars(
        axes,
        np.stack([middle - reach, middle + reach], axis=1),
        share,
        colors=np.where(inside | whole, BLUE, PALE_BLUE).tolist(),
        upright=True,
    )
    axes.set_xlim(cells.edges[0], cells.edges[-1])
    axes.set_ylim(0, 1.05 * share.max(initial=0.01))
    if not whole:
        axes.axvline(median, color=INK, linewidth=1.2, label="median")


def _spread_said(name: str, known: NDArray[np.float32]) -> str:
    if name == KEY:
        commonest = np.bincount(known[known >= 0].astype(int), minlength=1)
        share = 100 * commonest.max() / max(len(known), 1)
        return f"The commonest is {PITCHES[int(commonest.argmax())]}, with {share:.0f} % of tracks."
    low, median, high = (_amount(name, v) for v in np.percentile(known, (25, 50, 75)))
    return (
        f"Half of the tracks lie between {low} and {high} (dark bars); "
        f"the line marks the median, {median}."
    )


def _amount(name: str, value: float) -> str:
    """Return a value with its unit, as a sentence says it."""
    if name == DURATION_MS:
        minutes, seconds = divmod(round(value * 60), 60)
        return f"{minutes}:{seconds:02d} min"
    wording = WORDINGS[name]
    return short(round(value, wording.digits)) + wording.unit


def _beyond_said(cells: Cells) -> list[str]:
    sides = (
        (cells.n_below, "below", cells.edges[0], "first"),
        (cells.n_above, "above", cells.edges[-1], "last"),
    )
    return [
        f"The {where} bar also holds {n:,} {side} {_amount(cells.name, edge)}."
        for n, side, edge, where in sides
        if n
    ]


def _blank_said(values: NDArray[np.float32]) -> list[str]:
    n_blank = int(np.isnan(values).sum())
    return [f"Blank in {n_blank:,}, which are left out."] if n_blank else []


def short(value: float) -> str:
    """Return three digits of a number, without zeros that say nothing."""
    return f"{value + 0.0:.3g}".replace("-", "\N{MINUS SIGN}")


def name_pitches(axis: Axis, cells: Cells, *, every: int = 1) -> None:
    """Label an axis of keys with their names."""
    keys = np.arange(np.ceil(cells.edges[0]), 12).astype(int)[::every]
    labels = ["unknown" if key < 0 else PITCHES[key] for key in keys]
    axis.set_ticks(keys, labels=labels)


def correlation_figure(drawn: DrawnTracks, *, synthetic: bool) -> Figure:
    """Return Pearson's r of each pair of numeric columns, as colored and numbered cells."""
    names = tuple(drawn.columns)
    r = correlations(drawn.columns)
    n = len(names)
    with drawing():
        figure = new_figure(
            width=9.4,
            height=8.6,
            title="Which features go together",
            subtitle=_strongest_said(names, r),
            caption=f"{drawn.said} Pearson's r of each pair, over the tracks that have both."
            + (" An empty cell: one of the two never varies." if np.isnan(r).any() else ""),
            synthetic=synthetic,
        )
        axes = place_axes(figure, left=1.55, bottom=1.55, right=0.3, top=0.95)
        shown = np.where(np.tri(n, k=-1, dtype=bool), r, np.nan)[1:, :-1]
        image = axes.imshow(
            shown.astype(np.float32), cmap=DIVERGING, vmin=-1, vmax=1, aspect="auto"
        )
        for row, column in np.argwhere(np.isfinite(shown)):
            _number(axes, row, column, shown[row, column])
        axes.set_xticks(range(n - 1), [WORDINGS[name].name for name in names[:-1]], rotation=40)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
        axes.set_yticks(range(n - 1), [WORDINGS[name].name for name in names[1:]])
        _bare(axes)
        bar = place_axes(figure, left=6.3, bottom=7.2, right=0.5, top=1.2)
        figure.colorbar(image, cax=bar, orientation="horizontal", ticks=[-1, -0.5, 0, 0.5, 1])
        bar.set_xlabel("Correlation (r, from \N{MINUS SIGN}1 to 1)")
        bar.spines[:].set_visible(False)
    return figure


def correlations(columns: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float64]:
    """Return Pearson's r of each pair over the rows that have both; NaN where one never varies.

    Sums are taken without a BLAS, whose last digits depend on its threads, and over some rows at
    a time, so that no copy of the table is made.
    """
    values = list(columns.values())
    known = [v[~np.isnan(v)] for v in values]
    center = [v.sum(dtype=np.float64) / max(len(v), 1) for v in known]
    totals = np.zeros((4, len(values), len(values)))
    for start in range(0, len(values[0]), _BLOCK):
        x = np.array([v[start : start + _BLOCK] - c for v, c in zip(values, center, strict=True)])
        is_known = ~np.isnan(x)
        m = is_known.astype(np.float64)
        x[~is_known] = 0
        totals += [np.einsum("it,jt->ij", a, b) for a, b in ((m, m), (x, m), (x * x, m), (x, x))]
    n, sums, squares, products = totals
    n = n.clip(min=1)
    covariance = products - sums * sums.T / n
    variance = squares - sums**2 / n
    scale = np.sqrt(variance * variance.T)
    varies = scale > 1e-9 * n
    return np.where(varies, covariance / np.where(varies, scale, 1), np.nan).clip(-1, 1)


def _strongest_said(names: Sequence[str], r: NDArray[np.float64]) -> str:
    pairs = np.where(np.tri(len(names), k=-1, dtype=bool) & np.isfinite(r), r, 0)
    if not pairs.any():
        return "No two of them vary together."
    words = [WORDINGS[name].name.lower() for name in names]
    up = np.unravel_index(int(np.argmax(pairs)), pairs.shape)
    down = np.unravel_index(int(np.argmin(pairs)), pairs.shape)
    return (
        f"Most alike: {words[up[1]]} and {words[up[0]]}, r = {number(pairs[up], 2)}. "
        f"Most opposed: {words[down[1]]} and {words[down[0]]}, r = {number(pairs[down], 2)}."
    )


def _number(axes: Axes, row: int, column: int, value: float) -> None:
    dark = abs(value) > 0.6  # noqa: PLR2004 - where the color is dark enough for white letters
    axes.text(
        column,
        row,
        number(value, 2),
        ha="center",
        va="center",
        size=8.5,
        color="white" if dark else INK if abs(value) >= 0.1 else MUTED,  # noqa: PLR2004 - as faint as its color
    )


def _bare(axes: Axes) -> None:
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
