import itertools

import numpy as np
import pytest
from matplotlib.colors import to_hex

from moodtune.reports.mood_figures import (
    Framing,
    MoodShare,
    confusion_figure,
    misclassification_figure,
)
from moodtune.reports.style import mood_colors, png
from report_worlds import bars_of, texts_of, tick_labels

FRAMING = Framing(title="A title", subtitle="what it shows", caption="30 tracks.", synthetic=True)
MOODS = ("glad", "calm", "A$B$C")
COUNTS = np.array([[9, 1, 0], [0, 0, 0], [5, 5, 990]])


def confusion(counts=COUNTS, *, rows=MOODS, columns=MOODS):
    figure = confusion_figure(
        counts, rows=rows, columns=columns, row_axis="by cluster", column_axis="by model",
        framing=FRAMING,
    )  # fmt: skip
    return figure, figure.axes[0]


def test_a_confusion_matrix_has_mood_names_on_both_axes():
    _, axes = confusion()
    assert tick_labels(axes.xaxis) == ["glad", "calm", "A$B$C"]
    assert tick_labels(axes.yaxis) == ["glad (10)", "calm (0)", "A$B$C (1,000)"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("by model", "by cluster")


def test_a_cell_is_its_share_of_its_row():
    _, axes = confusion()
    shown = np.ma.filled(axes.images[0].get_array(), np.nan)
    expected = [[9 / 10, 1 / 10, 0], [np.nan] * 3, [5 / 1000, 5 / 1000, 990 / 1000]]
    assert np.allclose(shown, expected, equal_nan=True)
    assert axes.images[0].get_clim() == (0, 1)


def test_cells_are_numbered_in_percent_and_empty_ones_are_not():
    _, axes = confusion()
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "90", (1, 0): "10", (0, 2): "<1", (1, 2): "<1", (2, 2): "99"}


def test_a_matrix_need_not_be_square():
    _, axes = confusion(np.array([[1, 2]]), rows=("other",), columns=("glad", "calm"))
    assert tick_labels(axes.yaxis) == ["other (3)"]


def test_long_names_are_broken_or_turned_and_never_run_into_each_other():
    for n in (2, 4, 12):
        names = [f"a rather long name of a mood {k}" for k in range(n)]
        figure, axes = confusion(np.eye(n, dtype=np.int64), rows=names, columns=names)
        png(figure)
        labels = axes.get_xticklabels()
        turned = labels[0].get_rotation() != 0
        boxes = [label.get_window_extent() for label in labels]
        apart = all(a.x1 <= b.x0 for a, b in itertools.pairwise(boxes))
        assert turned or apart
        assert min(box.y0 for box in boxes) > 0


SHARES = (
    MoodShare(mood="glad", share=0.25, low=0.2, high=0.3, n=1200),
    MoodShare(mood="calm", share=0, low=0, high=0, n=0),
    MoodShare(mood="A$B$C", share=0.5, low=0.4, high=0.6, n=40),
)


def misclassified(**settings):
    figure = misclassification_figure(
        SHARES, colors=mood_colors(MOODS), axis="Tracks (%)", framing=FRAMING, **settings
    )
    return figure, figure.axes[0]


def test_a_bar_is_the_share_of_its_mood_and_a_mood_without_cases_has_none():
    _, axes = misclassified()
    _, bottom, right, top = bars_of(axes).T
    assert (bottom + top) / 2 == pytest.approx([0, 2])
    assert right == pytest.approx([25, 50])
    assert tick_labels(axes.yaxis) == ["glad (1,200)", "calm (0)", "A$B$C (40)"]
    assert axes.get_xlabel() == "Tracks (%)"


def test_bars_have_their_moods_colors_and_intervals():
    _, axes = misclassified()
    assert to_hex(axes.collections[0].get_facecolors()[0]) == "#f0e442"
    ends = [line[:, 0].tolist() for line in axes.collections[-1].get_segments()]
    assert ends == [pytest.approx([20, 30]), pytest.approx([40, 60])]


def test_the_first_mood_is_on_top():
    _, axes = misclassified()
    bottom, top = axes.get_ylim()
    assert bottom > top


def test_what_to_hold_the_shares_against_is_drawn_and_named():
    _, axes = misclassified(reference=(0.7, "always the commonest: 70 %"))
    assert axes.lines[0].get_xdata()[0] == pytest.approx(70)
    assert axes.texts[0].get_text() == "always the commonest: 70 %"
    assert axes.get_xlim()[1] > 70


@pytest.mark.parametrize("figure", [confusion()[0], misclassified()[0]])
def test_figures_of_moods_carry_their_framing(figure):
    assert texts_of(figure)[:2] == ["A title", "what it shows"]
    assert texts_of(figure)[2].replace("\n", " ") == (
        "From a synthetic sample, nothing in it is real. 30 tracks."
    )
