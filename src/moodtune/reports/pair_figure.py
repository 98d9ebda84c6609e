"""The figure of every pair of features: counts in cells, so that ten million tracks fit in it."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from moodtune.catalog.schema import KEY
from moodtune.reports.catalog_figures import distributed_features, name_pitches, short
from moodtune.reports.quantities import WORDINGS, Cells, DrawnTracks, cells_of
from moodtune.reports.style import BLUE, SEQUENTIAL, drawing, new_figure, place_axes

_PAIR_CELLS = 44


def pair_counts(drawn: DrawnTracks, across: Cells, up: Cells) -> NDArray[np.int64]:
    """Count the tracks in each cell of a pair [shape=(len(up), len(across))]."""
    x, y = drawn.columns[across.name], drawn.columns[up.name]
    known = ~(np.isnan(x) | np.isnan(y))
    flat = up.place(y[known]) * len(across) + across.place(x[known])
    counts = np.bincount(flat, minlength=len(across) * len(up))
    return counts.reshape(len(up), len(across))


def pair_figure(drawn: DrawnTracks, *, synthetic: bool) -> Figure:
    """Return every pair of the distributed features as counts in cells, each alone on the diagonal.

    Colors are logarithmic and the same in all panels.
    """
    names = distributed_features(drawn)
    cells = [cells_of(name, drawn.columns[name], n_cells=_PAIR_CELLS) for name in names]
    counts = {
        (i, j): pair_counts(drawn, cells[j], cells[i]) for i in range(len(names)) for j in range(i)
    }
    most = max((int(c.max()) for c in counts.values()), default=1)
    norm = LogNorm(1, max(most, 10))
    with drawing():
        figure = new_figure(
            width=12.0,
            height=11.6,
            title="Every pair of features",
            subtitle="Each panel counts the tracks in each of its cells; "
            "on the diagonal, how one feature is spread alone.",
            caption=f"{drawn.said} The outermost cells also hold the rarest values beyond them.",
            synthetic=synthetic,
        )
        for (i, j), tracks in counts.items():
            _draw_pair(_panel(figure, len(names), i, j), cells[j], cells[i], tracks, norm)
        for i, one in enumerate(cells):
            _draw_alone(_panel(figure, len(names), i, i), one, drawn.columns[one.name])
        _label_outer(figure, cells)
        _draw_scale(figure, norm, most)
    return figure


def _panel(figure: Figure, n: int, i: int, j: int) -> Axes:
    width, height = figure.get_size_inches()
    left, bottom, right, top, gap = 0.95, 1.05, 0.25, 0.95, 0.09
    w, h = (width - left - right) / n, (height - bottom - top) / n
    axes = place_axes(
        figure,
        left=left + j * w,
        bottom=bottom + (n - 1 - i) * h,
        right=width - left - (j + 1) * w + gap,
        top=height - bottom - (n - i) * h + gap,
        label=f"{i}/{j}",
    )
    axes.set(xticks=[], yticks=[])
    return axes


def _draw_pair(
    axes: Axes, across: Cells, up: Cells, tracks: NDArray[np.int64], norm: Normalize
) -> None:
    extent = (across.edges[0], across.edges[-1], up.edges[0], up.edges[-1])
    axes.imshow(
        np.ma.masked_equal(tracks, 0),
        cmap=SEQUENTIAL,
        norm=norm,
        extent=extent,
        origin="lower",
        aspect="auto",
    )
    axes.spines[:].set_visible(True)


def _draw_alone(axes: Axes, cells: Cells, values: NDArray[np.float32]) -> None:
    counts = cells.counts(values)
    axes.stairs(counts, cells.edges, fill=True, color=BLUE)
    axes.set_xlim(cells.edges[0], cells.edges[-1])
    axes.set_ylim(0, counts.max() * 1.35)
    axes.text(
        0.04, 0.94, WORDINGS[cells.name].name, transform=axes.transAxes, va="top", weight="bold"
    )


def _label_outer(figure: Figure, cells: Sequence[Cells]) -> None:
    panels = {axes.get_label(): axes for axes in figure.axes}
    last = len(cells) - 1
    for k, one in enumerate(cells):
        _label_axis(panels[f"{last}/{k}"].xaxis, one)
        if k > 0:  # the first row has a histogram alone, whose height is no feature
            _label_axis(panels[f"{k}/0"].yaxis, one)


def _label_axis(axis: Axis, cells: Cells) -> None:
    if cells.name == KEY:
        name_pitches(axis, cells, every=3)
    else:
        ticks = _round_ticks(cells)
        axis.set_ticks(ticks, labels=[short(tick) for tick in ticks])
    wording = WORDINGS[cells.name]
    unit = wording.unit.strip()
    axis.set_label_text(f"{wording.name} ({unit})" if unit else wording.name)


def _round_ticks(cells: Cells) -> list[float]:
    """Return two to four round numbers that leave the corners to the neighboring panels."""
    low, high = cells.edges[0], cells.edges[-1]
    margin = (high - low) / 12
    ticks = MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)
    return [float(tick) for tick in ticks if low + margin <= tick <= high - margin]


def _draw_scale(figure: Figure, norm: LogNorm, most: int) -> None:
    bar = place_axes(figure, left=8.2, bottom=10.0, right=0.4, top=1.35)
    ticks = [10**k for k in range(len(str(max(most, 10))))]
    mappable = ScalarMappable(norm=norm, cmap=SEQUENTIAL)
    figure.colorbar(mappable, cax=bar, orientation="horizontal")
    bar.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    bar.minorticks_off()
    bar.set_xlabel("Tracks in a cell (logarithmic)")
    bar.spines[:].set_visible(False)
