"""How every figure looks: one palette, one frame, one way to become bytes.

Only what draws imports this module: it loads matplotlib. Figures are made without pyplot, so that
nothing global is kept; matplotlib's settings hold only inside ``drawing()``.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from numpy.typing import NDArray

from moodtune.reports.png import png_bytes
from moodtune.tables.text import literal

#: Okabe and Ito's colors and Paul Tol's, chosen so that with the grey below the two that are most
#: alike stay as far apart as Okabe and Ito's own, for readers with and without red or green cones.
MOOD_COLORS = (
    "#F0E442",
    "#E69F00",
    "#D55E00",
    "#882255",
    "#F4B6C2",
    "#88CCEE",
    "#117733",
    "#332288",
    "#0072B2",
    "#DDCC77",
    "#6B3D00",
)
NO_MOOD_COLOR = "#8C8C8C"

INK = "#1F2933"
MUTED = "#52606D"
RULE = "#D5DBE1"
BLUE = "#0072B2"
PALE_BLUE = "#A9CFE6"
VERMILION = "#D55E00"

#: From nothing to all of it.
SEQUENTIAL = LinearSegmentedColormap.from_list(
    "moodtune_blue", ("#F5F8FB", "#C9DFEE", "#7FB6D9", "#2A80B9", "#0B4A7A", "#082F50")
)
#: From minus one to one, alike in brightness on both sides.
DIVERGING = LinearSegmentedColormap.from_list(
    "moodtune_blue_vermilion",
    ("#084A7B", "#4C9ACB", "#BBD9EC", "#FAFAFA", "#F8CDAE", "#E38242", "#9A3D00"),
)

DPI = 130
_FONT = "DejaVu Sans"  # comes with matplotlib: the same letters on every machine
_SETTINGS: dict[Any, Any] = {
    "font.family": _FONT,
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "text.usetex": False,
    "text.hinting": "none",  # at this resolution it costs time and shows nothing
    "axes.facecolor": "white",
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.labelpad": 6.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": "#E8ECEF",
    "grid.linewidth": 0.8,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "figure.facecolor": "white",
    "image.interpolation": "nearest",
    "savefig.facecolor": "white",
}

_MARGIN = 0.3  # inches to the left and right of everything
_MISSING = "\N{WHITE SQUARE}"


@contextmanager
def drawing() -> Iterator[None]:
    """Hold this project's look while figures are made or turned into bytes."""
    with mpl.rc_context(_SETTINGS):
        yield


def mood_colors(moods: Sequence[str]) -> dict[str, str]:
    """Return a color for each mood of a taxonomy, by its place there.

    Moods beyond the palette are grey: in no figure is color alone what tells moods apart.
    """
    spare = len(moods) - len(MOOD_COLORS)
    return dict(zip(moods, (*MOOD_COLORS, *[NO_MOOD_COLOR] * spare), strict=False))


def drawable(text: str, *, longest: int = 60) -> str:
    """Return ``text`` from a table as it can be drawn: literally, in letters that the font has.

    A character that the font lacks becomes a white square; text over ``longest`` characters ends
    in an ellipsis.
    """
    shown = literal(text)
    if len(shown) > longest:
        shown = shown[: longest - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    if shown.isascii():
        return shown
    known = get_font(findfont(FontProperties(family=_FONT))).get_charmap()
    return "".join(c if ord(c) in known else _MISSING for c in shown)


def new_figure(
    *, width: float, height: float, title: str, subtitle: str, caption: str, synthetic: bool
) -> Figure:
    """Return an empty figure in inches, with its title, what it shows, and what stands below it."""
    figure = Figure(figsize=(width, height), dpi=DPI)
    FigureCanvasAgg(figure)
    x = _MARGIN / width
    figure.text(x, 1 - 0.22 / height, title, size=13, weight="bold", va="top")
    shown = _wrapped(subtitle, width, 9.5)
    figure.text(x, 1 - 0.53 / height, shown, size=9.5, color=MUTED, va="top", linespacing=1.35)
    said = f"From a synthetic sample, nothing in it is real. {caption}" if synthetic else caption
    figure.text(x, 0.17 / height, _wrapped(said, width, 8), size=8, color=MUTED, va="bottom")
    return figure


def _wrapped(text: str, width: float, size: float) -> str:
    per_inch = 130 / size  # letters of this font, on the wide side
    return fill(text, int((width - 2 * _MARGIN) * per_inch), break_on_hyphens=False)


def number(value: float, digits: int) -> str:
    """Return a number as figures write it: a true minus sign, and none before a zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def draw_bars(
    axes: Axes,
    ends: NDArray[np.floating],
    lengths: NDArray[np.floating],
    *,
    colors: Sequence[str],
    upright: bool,
    edge: str | None = None,
) -> None:
    """Draw bars from 0 to ``lengths``, upright or lying, as one collection of rectangles.

    ``ends`` [shape=(n_bars, 2)] is where each begins and stops across its length. Hundreds of
    bars cost as much as one this way.
    """
    corners = np.empty((len(lengths), 4, 2))
    across, along = (0, 1) if upright else (1, 0)
    corners[:, :, across] = np.repeat(ends, 2, axis=1)
    corners[:, :, along] = np.outer(lengths, (0, 1, 1, 0))
    width = 0.5 if edge else 0
    axes.add_collection(
        PolyCollection(
            list(corners), facecolors=colors, edgecolors=edge or "none", linewidths=width
        )
    )


def place_axes(
    figure: Figure, *, left: float, bottom: float, right: float, top: float, label: str = ""
) -> Axes:
    """Return axes whose edges lie that many inches inside the figure's."""
    width, height = (float(side) for side in figure.get_size_inches())
    box = (
        left / width,
        bottom / height,
        (width - left - right) / width,
        (height - bottom - top) / height,
    )
    return figure.add_axes(box, label=label)


def png(figure: Figure) -> bytes:
    """Return the figure as PNG, the same bytes for the same figure."""
    canvas: Any = FigureCanvasAgg(figure)  # its methods have no types
    with drawing():
        canvas.draw()
    drawn = png_bytes(np.asarray(canvas.buffer_rgba())[:, :, :3], dots_per_inch=DPI)
    # A figure and its canvas wait in a circle for the collector; the pixels need not wait.
    FigureCanvasAgg(figure)
    return drawn
