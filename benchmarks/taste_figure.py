"""The curve of taste over the share of histories, as a figure."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure as Drawing

from moodtune.evaluation.intervals import Figure
from moodtune.reports import style

TITLE = "What tracks share and what listeners share find more together"
SUBTITLE = (
    "How well 5 hidden favorites of each of 8,807 listeners are found again among 8,134 tracks, "
    "by the share of the listeners' histories that was learnt from"
)
CAPTION = (
    "nDCG@10, mean of five splits, a tenth of the listeners in no history; the bands are 95 % "
    "intervals over listeners. The share grows in steps that are not even. Content uses no "
    "popularity. Measured by benchmarks/taste.py."
)
LABELS = ("0 %", "1 %", "5 %", "10 %", "25 %", "50 %", "100 %")
LOOKS = {
    "both": (style.VERMILION, "-", "o"),
    "histories": (style.BLUE, "--", "s"),
    "content": (style.MUTED, ":", "^"),
}


def draw(curve: Mapping[str, Sequence[Figure]]) -> bytes:
    """Return the figure as PNG; ``curve`` has a value per share above 0 %."""
    return style.png(figure_of(curve))


def figure_of(curve: Mapping[str, Sequence[Figure]]) -> Drawing:
    with style.drawing():
        figure = style.new_figure(
            width=8, height=5, title=TITLE, subtitle=SUBTITLE, caption=CAPTION, synthetic=False
        )
        axes = style.place_axes(figure, left=0.8, bottom=1.15, right=1.2, top=1.1)
        for name, (color, line, marker) in LOOKS.items():
            # Without histories there is content alone, and what is blended is content too.
            start = [] if name == "histories" else [curve["content"][0]]
            points = [*start, *curve[name]]
            places = range(len(LABELS) - len(points), len(LABELS))
            axes.plot(places, [p.value for p in points], line, marker=marker, color=color)
            axes.fill_between(
                places, [p.low for p in points], [p.high for p in points], color=color, alpha=0.2,
                linewidth=0,
            )  # fmt: skip
            axes.text(len(LABELS) - 0.85, points[-1].value, name, color=color, va="center")
        axes.set_xticks(range(len(LABELS)), LABELS)
        axes.set_xlabel("share of the histories that was learnt from")
        axes.set_ylabel("nDCG@10")
        axes.set_ylim(bottom=0)
        axes.grid(axis="y")
    return figure
