"""A catalog's columns as arrays: which rows ids stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.ranking.columns import TrackColumns
from worlds import FIVE_HUNDRED, tracks_frame

#: t01 is an alternative of t03 and a track of its own; ``x`` stands for two tracks, ``y`` for one.
ALTERNATIVES = [[], ["y", "x"], ["x"], ["t01"]]
ROWS = {"t00": [0], "t01": [1, 3], "t02": [2], "t03": [3], "x": [1, 2], "y": [1]}
COLUMNS = TrackColumns.of(tracks_frame(4, alternative_ids=ALTERNATIVES))


@FIVE_HUNDRED
@given(st.lists(st.sampled_from([*ROWS, "nobody"]), max_size=12))
def test_each_id_stands_for_its_rows_and_all_of_them_for_all(ids):
    found = COLUMNS.ids.find(ids)
    pairs = [(place, row) for place, name in enumerate(ids) for row in ROWS.get(name, [])]
    assert list(zip(found.asked.tolist(), found.rows.tolist(), strict=True)) == pairs
    assert COLUMNS.rows_of(ids).tolist() == sorted({row for _, row in pairs})


@pytest.mark.parametrize("ids", [[], ["t00"]])
def test_in_an_empty_catalog_no_id_stands_for_anything(ids):
    found = TrackColumns.of(tracks_frame(0)).ids.find(ids)
    assert (found.asked.tolist(), found.rows.tolist()) == ([], [])
