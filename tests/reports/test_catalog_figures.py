import numpy as np
import pytest
from matplotlib.colors import to_hex

from moodtune.reports.catalog_figures import (
    correlation_figure,
    correlations,
    distributed_features,
    distribution_figure,
)
from moodtune.reports.quantities import DISTRIBUTED, drawn_tracks
from moodtune.reports.style import BLUE, PALE_BLUE, png
from report_worlds import bars_of, catalog_of, mixed_catalog, texts_of, tick_labels

#: Written out: what stands on the axis of each distribution.
AXES = {
    "duration_ms": "Duration (minutes)",
    "energy": "Energy (0 calm to 1 intense)",
    "key": "Key (pitch class)",
    "loudness": "Loudness (dB, 0 is full scale)",
    "tempo": "Tempo (beats per minute)",
    "valence": "Valence (0 unpleasant to 1 pleasant)",
    "liveness": "Liveness (0 studio to 1 audience)",
}


@pytest.fixture
def mixed():
    return drawn_tracks(mixed_catalog(), seed=0)


def distribution(drawn, name, *, synthetic=False):
    figure = distribution_figure(drawn, name, synthetic=synthetic)
    return figure, figure.axes[0]


@pytest.mark.parametrize(("name", "label"), AXES.items())
def test_a_distribution_names_its_feature_and_unit(mixed, name, label):
    _, axes = distribution(mixed, name)
    assert axes.get_xlabel() == label
    assert axes.get_ylabel() == "Share of tracks (%)"


@pytest.mark.parametrize("name", DISTRIBUTED)
def test_the_bars_of_a_distribution_are_the_shares_counted_again(mixed, name):
    _, axes = distribution(mixed, name)
    values = mixed.columns[name]
    left, _, right, heights = bars_of(axes).T
    middle = (left + right) / 2
    step = middle[1] - middle[0]
    nearest = np.rint((values - middle[0]) / step).clip(0, len(middle) - 1).astype(int)
    on_an_edge = np.abs((values - middle[0]) / step % 1 - 0.5) < 1e-4
    counted = np.bincount(nearest, minlength=len(middle)) / len(values) * 100
    assert np.abs(heights - counted).sum() <= 200 * on_an_edge.mean() + 1e-6
    assert sum(heights) == pytest.approx(100)


def test_the_middle_half_is_dark_and_the_median_marked():
    drawn = drawn_tracks(catalog_of(5, energy=[0.1, 0.3, 0.5, 0.7, 0.9]), seed=0)
    figure, axes = distribution(drawn, "energy")
    left, _, right, _ = bars_of(axes).T
    colors = [to_hex(color) for color in axes.collections[0].get_facecolors()]
    dark = ((left + right) / 2)[[color == BLUE.lower() for color in colors]]
    assert (min(dark), max(dark)) == pytest.approx((0.3, 0.7), abs=0.02)
    assert colors.count(PALE_BLUE.lower()) == len(colors) - len(dark)
    assert axes.lines[0].get_xdata()[0] == pytest.approx(0.5)
    assert texts_of(figure)[1].replace("\n", " ") == (
        "Half of the tracks lie between 0.3 and 0.7 (dark bars); the line marks the median, 0.5."
    )


def test_durations_are_said_in_minutes_and_seconds():
    drawn = drawn_tracks(catalog_of(3, duration_ms=[120_000, 210_000, 300_000]), seed=0)
    assert "the median, 3:30 min" in texts_of(distribution(drawn, "duration_ms")[0])[1].replace(
        "\n", " "
    )


def test_keys_are_drawn_as_pitches():
    drawn = drawn_tracks(catalog_of(4, key=[0, 7, 7, -1]), seed=0)
    figure, axes = distribution(drawn, "key")
    assert tick_labels(axes.xaxis) == [
        "unknown", "C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B",
    ]  # fmt: skip
    assert bars_of(axes)[:, 3].tolist() == [25, 25, *[0] * 6, 50, *[0] * 4]
    assert texts_of(figure)[1] == "The commonest is G, with 50 % of tracks."


def test_what_lies_beyond_the_first_and_last_bar_is_counted_in_the_caption():
    tempo = [0.0, *np.linspace(60, 180, 998), 250.0]
    figure, _ = distribution(drawn_tracks(catalog_of(1000, tempo=tempo), seed=0), "tempo")
    caption = texts_of(figure)[2].replace("\n", " ")
    assert caption == (
        "All 1,000 tracks. The first bar also holds 1 below 60 BPM. "
        "The last bar also holds 1 above 180 BPM."
    )


def test_blank_cells_are_left_out_and_said():
    figure, axes = distribution(drawn_tracks(catalog_of(4, key=[3, None, None, 3]), seed=0), "key")
    assert texts_of(figure)[2] == "All 4 tracks. Blank in 2, which are left out."
    assert bars_of(axes)[:, 3].sum() == pytest.approx(100)


def test_only_features_that_are_there_are_distributed():
    assert distributed_features(drawn_tracks(catalog_of(3), seed=0)) == (
        "energy", "loudness", "tempo", "valence", "liveness",
    )  # fmt: skip
    blank = drawn_tracks(catalog_of(2, key=[None, None]), seed=0)
    assert "key" not in distributed_features(blank)


@pytest.mark.parametrize("synthetic", [True, False])
def test_every_catalog_figure_says_whether_it_is_synthetic(mixed, synthetic):
    figures = [
        distribution_figure(mixed, "energy", synthetic=synthetic),
        correlation_figure(mixed, synthetic=synthetic),
    ]
    assert ["synthetic sample" in texts_of(f)[2] for f in figures] == [synthetic] * 2


@pytest.mark.parametrize("n", [1, 2])
def test_a_tiny_catalog_can_be_drawn(n):
    drawn = drawn_tracks(catalog_of(n, key=[0] * n, duration_ms=[200_000] * n), seed=0)
    for name in distributed_features(drawn):
        assert png(distribution_figure(drawn, name, synthetic=False))
    assert png(correlation_figure(drawn, synthetic=False))


def test_correlations_are_those_of_numpy(mixed):
    columns = {name: values for name, values in mixed.columns.items() if values.std() > 0}
    expected = np.corrcoef(np.array(list(columns.values()), dtype=np.float64))
    assert np.allclose(correlations(columns), expected)


def test_a_correlation_is_over_the_tracks_that_have_both():
    blank = np.nan
    columns = {
        "energy": np.array([1, 2, 3, 100, blank], np.float32),
        "year": np.array([2, 4, 6, blank, 50], np.float32),
    }
    assert correlations(columns)[0, 1] == pytest.approx(1)


def test_a_column_that_never_varies_has_no_correlation():
    columns = {"energy": np.array([1, 2, 3], np.float32), "mode": np.ones(3, np.float32)}
    assert np.isnan(correlations(columns)).tolist() == [[False, True], [True, True]]


def test_the_heat_map_shows_each_pair_once_under_its_names(mixed):
    figure = correlation_figure(mixed, synthetic=False)
    axes = figure.axes[0]
    names = list(mixed.columns)
    r = correlations(mixed.columns)
    shown = np.ma.filled(axes.images[0].get_array().astype(float), np.nan)
    for i in range(len(names) - 1):
        for j in range(len(names) - 1):
            wanted = r[i + 1, j] if j <= i else np.nan
            assert shown[i, j] == pytest.approx(wanted, nan_ok=True)
    assert axes.images[0].get_clim() == (-1, 1)
    assert tick_labels(axes.xaxis)[:2] == ["Danceability", "Energy"]
    assert tick_labels(axes.yaxis)[-2:] == ["Key", "Duration"]


def test_the_numbers_in_the_heat_map_are_its_colors(mixed):
    axes = correlation_figure(mixed, synthetic=False).axes[0]
    shown = axes.images[0].get_array()
    for text in axes.texts:
        column, row = text.get_position()
        value = float(text.get_text().replace("\N{MINUS SIGN}", "-"))
        assert value == pytest.approx(float(shown[row, column]), abs=0.0051)
    assert len(axes.texts) == np.isfinite(shown.astype(float)).sum()


def test_the_heat_map_names_the_strongest_pairs(mixed):
    subtitle = texts_of(correlation_figure(mixed, synthetic=False))[1]
    assert subtitle.startswith("Most alike: energy and loudness, r = 0.98.")
    assert "Most opposed: energy and acousticness, r = \N{MINUS SIGN}0.9" in subtitle


def test_a_heat_map_in_which_nothing_varies_says_so():
    figure = correlation_figure(drawn_tracks(catalog_of(3), seed=0), synthetic=False)
    assert texts_of(figure)[1] == "No two of them vary together."
    assert "An empty cell: one of the two never varies." in texts_of(figure)[2]


def test_the_same_catalog_gives_the_same_bytes():
    drawn = drawn_tracks(mixed_catalog(), seed=0)
    again = drawn_tracks(mixed_catalog(), seed=0)
    assert png(correlation_figure(drawn, synthetic=False)) == png(
        correlation_figure(again, synthetic=False)
    )
