"""Hit rate and favorites found, round by round, as a figure."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from moodtune.evaluation.intervals import Figure
from moodtune.reports import style

TITLE = "Told what is liked and skipped, lists bring back favorites and find more of them"
CAPTION = (
    "Each listener's taste is what they really named: 20 favorites among 8,134 tracks. Of a list "
    "of ten, favorites are liked and the others skipped. Bands are 95 % intervals over listeners. "
    "With another's feedback as much is skipped, and makes room, but nothing is learnt of the "
    "listener. Measured by benchmarks/feedback_rounds.py."
)
LOOKS = {
    "with feedback": (style.VERMILION, "-"),
    "with another's feedback": (style.INK, "-."),
    "without feedback": (style.BLUE, "--"),
    "random tracks of the mood": (style.MUTED, ":"),
}
LABELS = {
    "hits": "share of lists with a favorite, old or new (hit rate)",
    "new": "different favorites listed so far",
}

Curves = Mapping[str, Mapping[str, Sequence[Figure]]]


def draw(curves: Curves, n_listeners: int) -> bytes:
    """Return the figure as PNG; ``curves`` has a value per round, by panel and arm."""
    return style.png(figure_of(curves, n_listeners))


def figure_of(curves: Curves, n_listeners: int) -> Drawing:
    rounds = len(curves["new"]["with feedback"])
    subtitle = (
        f"{n_listeners} listeners who ask for a mood a day, over {rounds} rounds; they ask for the "
        "same moods in each of the four ways"
    )
    with style.drawing():
        figure = style.new_figure(
            width=10, height=5.2, title=TITLE, subtitle=subtitle, caption=CAPTION, synthetic=False
        )
        for panel, left, right in (("hits", 0.7, 5.45), ("new", 5.5, 0.65)):
            axes = style.place_axes(
                figure, left=left, bottom=1.3, right=right, top=1.35, label=panel
            )
            _panel(axes, curves[panel], rounds)
            axes.set_title(LABELS[panel], loc="left", size=9.5, pad=8)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="upper left", bbox_to_anchor=(0.06, 0.875), ncols=4, frameon=False,
            handlelength=2.6, columnspacing=1.8,
        )  # fmt: skip
    return figure


def _panel(axes: Axes, arms: Mapping[str, Sequence[Figure]], rounds: int) -> None:
    at = np.arange(1, rounds + 1)
    for arm, (color, line) in LOOKS.items():
        points = arms[arm]
        axes.plot(at, [p.value for p in points], line, color=color, label=arm)
        axes.fill_between(
            at, [p.low for p in points], [p.high for p in points], color=color, alpha=0.15,
            linewidth=0,
        )  # fmt: skip
    axes.set_xlim(1, rounds)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("round")
    axes.grid(axis="y")
