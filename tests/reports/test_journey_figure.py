"""The figure of a journey shows its path, its waypoints, the moods, and what changes on the way."""

from dataclasses import replace

import numpy as np
import pytest

from journey_worlds import world_of
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.reports.journey_figure import DrawnJourney, draw_journey
from moodtune.reports.style import png

POINTS = [(0.1, 0.2), (0.5, 0.5), (0.9, 0.8)]


def drawn(index, **changes):
    answer = recommend(index, Query(journey=Journey(start=POINTS[0], goal=POINTS[-1]), n=3))
    return draw_journey(
        DrawnJourney(
            index=index, rows=[0, 1, 2], report=answer.journey, start="calm", goal="$x$", **changes
        )
    )


@pytest.fixture
def index():
    return world_of(
        POINTS, tempo=[100, 210, 0], key=[0, 7, -1], mode=[1, 1, 1], loudness=[-5, -6, -7],
        duration_ms=[200_000] * 3,
    )  # fmt: skip


def panel(figure, label):
    return next(axes for axes in figure.axes if axes.get_label() == label)


def test_the_path_goes_through_the_tracks_and_the_way_through_the_waypoints(index):
    lines = {line.get_gid(): line.get_xydata() for line in panel(drawn(index), "plane").lines}
    assert lines["path"] == pytest.approx(np.array(POINTS), abs=1e-6)
    assert lines["way"] == pytest.approx(np.array(POINTS), abs=1e-6)


def test_each_mood_that_lists_offer_is_named_where_its_tracks_lie(index):
    axes = panel(drawn(index), "plane")
    texts = [text.get_text() for text in axes.texts]
    assert {"still", "wild", "glad", "1", "3"} == set(texts)
    assert len([line for line in axes.lines if line.get_gid() == "mood"]) == 3


def test_what_changes_is_drawn_by_place_and_the_unknown_is_not(index):
    figure = drawn(index)
    tempo = panel(figure, "tempo").lines[0].get_xydata()
    assert tempo[:2] == pytest.approx(np.array([[1, 100], [2, 105]]))  # 210 is heard as 105
    assert np.isnan(tempo[2, 1])
    assert panel(figure, "key").lines[0].get_ydata()[:2].tolist() == [8, 9]
    assert [text.get_text() for text in panel(figure, "key").texts] == ["8B", "9B"]
    assert panel(figure, "loudness").lines[0].get_ydata().tolist() == [-5, -6, -7]
    assert panel(figure, "loudness").get_ylabel() == "loudness, dB"


def test_a_column_that_the_catalog_lacks_has_no_panel(index):
    bare = replace(index, columns=TrackColumns.of(index.tracks.drop("key")))
    assert [axes.get_label() for axes in drawn(bare).axes] == ["plane", "tempo", "loudness"]


def test_the_title_names_the_ends_literally_and_the_caption_says_what_is_synthetic(index):
    figure = drawn(index, synthetic=True)
    texts = [" ".join(text.get_text().split()) for text in figure.texts]
    assert texts[0] == "From calm to $x$, one step at a time"
    assert texts[1].startswith("3 tracks in 10 minutes. Never back, and no step longer than 1.00")
    assert texts[2].startswith("From a synthetic sample, nothing in it is real. ")
    assert png(figure) == png(drawn(index, synthetic=True))
