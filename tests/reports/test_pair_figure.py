import numpy as np
import pytest

from moodtune.reports.pair_figure import pair_counts, pair_figure
from moodtune.reports.quantities import DISTRIBUTED, cells_of, drawn_tracks
from moodtune.reports.style import png
from report_worlds import catalog_of, mixed_catalog, texts_of, tick_labels


@pytest.fixture(scope="module")
def drawn():
    return drawn_tracks(mixed_catalog(), seed=0)


@pytest.fixture(scope="module")
def panels(drawn):
    figure = pair_figure(drawn, synthetic=False)
    return {axes.get_label(): axes for axes in figure.axes}


def test_each_pair_has_one_panel_and_each_feature_one_on_the_diagonal(panels):
    wanted = {f"{i}/{j}" for i in range(7) for j in range(i + 1)}
    assert wanted <= set(panels)
    assert len(panels) == len(wanted) + 1  # and the scale of colors


def test_a_panel_shows_the_pair_counted_again(drawn, panels):
    across, up = (
        cells_of(name, drawn.columns[name], n_cells=44) for name in (DISTRIBUTED[1], DISTRIBUTED[3])
    )
    expected, _, _ = np.histogram2d(
        drawn.columns["loudness"].clip(up.edges[0], up.edges[-1]).astype(float),
        drawn.columns["energy"].astype(float),
        bins=(up.edges, across.edges),
    )
    shown = np.ma.filled(panels["3/1"].images[0].get_array(), 0)
    assert np.abs(shown - expected).sum() <= 4  # a value on an edge may fall on either side
    assert shown.sum() == len(drawn.rows)


def test_counts_are_by_row_for_what_goes_up_and_by_column_for_what_goes_across():
    drawn = drawn_tracks(catalog_of(3, energy=[0.1, 0.1, 0.9], valence=[0.9, 0.9, 0.1]), seed=0)
    energy, valence = (
        cells_of(name, drawn.columns[name], n_cells=2) for name in ("energy", "valence")
    )
    assert pair_counts(drawn, energy, valence).tolist() == [[0, 1], [2, 0]]


def test_a_track_with_one_blank_is_in_no_cell_of_the_pair():
    drawn = drawn_tracks(catalog_of(3, energy=[0.1, 0.1, 0.9], key=[None, 2, 2]), seed=0)
    key, energy = (cells_of(name, drawn.columns[name], n_cells=2) for name in ("key", "energy"))
    assert pair_counts(drawn, key, energy).sum() == 2


def test_the_outer_axes_name_features_and_units(panels):
    below = [panels[f"6/{k}"].get_xlabel() for k in range(7)]
    assert below == [
        "Duration (min)", "Energy", "Key", "Loudness (dB)", "Tempo (BPM)", "Valence", "Liveness",
    ]  # fmt: skip
    assert [panels[f"{k}/0"].get_ylabel() for k in range(1, 7)] == below[1:]
    assert tick_labels(panels["6/2"].xaxis) == ["C", "D♯", "F♯", "A"]
    assert tick_labels(panels["6/1"].xaxis) == ["0.2", "0.4", "0.6", "0.8"]


def test_all_panels_share_one_scale_of_colors(panels):
    scales = {
        axes.images[0].get_clim() for label, axes in panels.items() if axes.images and "/" in label
    }
    assert len(scales) == 1


def test_the_scale_says_that_it_is_logarithmic(panels):
    scale = panels["<colorbar>"] if "<colorbar>" in panels else panels[""]
    assert scale.get_xlabel() == "Tracks in a cell (logarithmic)"


def test_a_catalog_with_fewer_features_has_fewer_panels():
    figure = pair_figure(drawn_tracks(catalog_of(20), seed=0), synthetic=True)
    assert sum("/" in axes.get_label() for axes in figure.axes) == 15
    assert "synthetic sample" in texts_of(figure)[2]


def test_one_track_can_be_drawn():
    assert png(pair_figure(drawn_tracks(catalog_of(1), seed=0), synthetic=False))


def test_a_sample_is_called_one():
    few = drawn_tracks(mixed_catalog(), seed=0, limit=50)
    assert texts_of(pair_figure(few, synthetic=False))[2].startswith(
        "A random sample of 50 of 400 tracks."
    )
