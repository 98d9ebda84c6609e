"""What is counted: one unit per track and label, and every row somewhere."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation_worlds import MATCH, bundle_of, labelled, written
from moodtune.errors import TooLittleDataError
from moodtune.evaluation.label_units import RowCounts, axis_units, label_units
from moodtune.evaluation.labels import LabelColumns, LabelTable, read_label_table
from moodtune.evaluation.matching import parse_match
from moodtune.moods.trained_labels import TrainedLabels
from worlds import FEATURES, TAXONOMY

MATCHED = parse_match(MATCH, TAXONOMY.names)
BUNDLE = bundle_of(5, alternative_ids=[["x00001"], *[[]] * 4])


def table_of(*rows, **more):
    """A label table of (track id, label, group) rows whose features are all alike."""
    ids, labels, groups = zip(*rows, strict=True)
    frame = pl.DataFrame(
        {
            "track_id": list(ids),
            "label": pl.Series(list(labels), dtype=pl.String),
            "group": pl.Series(list(groups), dtype=pl.String),
            "canonical_id": pl.Series([None] * len(ids), dtype=pl.String),
            **{name: [0.5] * len(ids) for name in FEATURES},
            **more,
        }
    )
    return LabelTable(
        name="labels.csv", sha256="0" * 64, n_rows=len(ids), rows=frame, features=FEATURES,
        own_features=True, rejected={}, n_not_joined=0,
    )  # fmt: skip


ROWS = [
    ("b", "Quiet", "g2"),
    ("b", "Quiet", "g1"),  # the same pair in another group
    ("b", "quiet ", "g2"),  # the same label, spelt otherwise
    ("a", "Loud", "g3"),
    ("b", "Loud", "g3"),  # another label of the same track
    ("c", "Bright", "g4"),
    ("d", "Furious", "g5"),  # nothing is matched to it
    ("e", None, "g5"),
]


def test_a_pair_counts_once_and_every_row_is_somewhere():
    units = label_units(table_of(*ROWS), MATCHED)
    assert list(zip(units.track_ids.tolist(), units.label.tolist(), strict=True)) == [
        ("a", 1),
        ("b", 0),
        ("b", 1),
        ("c", 2),
    ]
    assert units.counts == RowCounts(
        read=8, rejected=0, not_joined=0, blank=1, not_matched=1, learnt_from=0, repeated=2,
        units=4, tracks=3, tracks_in_catalog=0, tracks_learnt_from=0, groups=3,
    )  # fmt: skip
    assert units.not_matched == {"Furious": 1}


def test_a_pair_in_several_groups_counts_in_the_first_by_name():
    assert label_units(table_of(*ROWS), MATCHED).groups.tolist() == ["g3", "g1", "g3", "g4"]


def test_a_unit_without_a_group_is_a_group_of_its_own():
    rows = [("a", "Quiet", None), ("b", "Loud", None), ("c", "Bright", "g")]
    assert label_units(table_of(*rows), MATCHED).counts.groups == 3


@given(st.permutations(range(len(ROWS))))
def test_the_order_of_rows_makes_no_difference(order):
    energy = [0.1, 0.1, 0.9, 0.2, 0.3, 0.4, 0.5, 0.6]  # the rows of one track differ
    known = label_units(table_of(*ROWS, energy=energy), MATCHED)
    mixed = [ROWS[k] for k in order], [energy[k] for k in order]
    found = label_units(table_of(*mixed[0], energy=mixed[1]), MATCHED)
    assert found.counts == known.counts
    assert found.groups.tolist() == known.groups.tolist()
    assert found.columns.equals(known.columns)


def test_tracks_whose_labels_were_learnt_from_are_left_out_and_counted(tmp_path):
    # x00001 is another id of t00, whose label was learnt from.
    table = read_label_table(
        written(labelled(40), tmp_path), BUNDLE, LabelColumns(label="mood", group="playlist")
    )
    free = label_units(table, MATCHED)
    held = label_units(table, MATCHED, TrainedLabels.of(["x00003", "t00", "unseen"]))
    assert free.counts.tracks_in_catalog == 1
    assert (held.counts.learnt_from, held.counts.tracks_learnt_from) == (2, 2)
    assert held.counts.tracks_in_catalog == 0
    assert set(free.track_ids) - set(held.track_ids) == {"x00001", "x00003"}


def test_a_label_that_is_not_in_the_file_is_named_with_the_nearest():
    match = parse_match("still=Quite;wild=Loud", TAXONOMY.names)
    said = "labels.csv has no track with the label 'Quite' that --match names; did you mean Quiet?"
    with pytest.raises(TooLittleDataError, match=f"^{re.escape(said)}$"):
        label_units(table_of(*ROWS[:-1]), match)


def test_a_label_with_no_track_left_is_an_empty_class():
    said = "labels.csv: no track with the label 'Bright' is left to test on, 1 tracks were left out"
    with pytest.raises(TooLittleDataError, match=f"^{re.escape(said)}"):
        label_units(table_of(*ROWS), MATCHED, TrainedLabels.of(["c"]))


def test_one_label_alone_cannot_be_told_from_anything():
    said = (
        "labels.csv: 'Quiet' is the only label, and one alone cannot be told from anything: match "
        "moods to at least two labels of Bright, Furious, Loud, Quiet, quiet "
    )
    with pytest.raises(TooLittleDataError, match=f"^{re.escape(said)}$"):
        label_units(table_of(*ROWS), parse_match("still=Quiet", TAXONOMY.names))


def test_values_on_an_axis_are_units_too():
    rows = [
        ("b", None, "g1"),
        ("a", None, "g1"),
        ("b", None, "g2"),
        ("b", None, "g1"),
        ("c", None, "g1"),
    ]
    table = table_of(*rows, human_valence=[1.0, 2.0, 1.0, 3.0, None])
    units = axis_units(table, "valence")
    assert units.track_ids.tolist() == ["a", "b", "b"]
    assert units.value.tolist() == [2.0, 1.0, 3.0]
    assert (units.counts.repeated, units.counts.blank, units.counts.tracks) == (1, 1, 2)
    assert np.unique(units.label).tolist() == [0]


@pytest.mark.parametrize("values", [[1.0, 1.0, 1.0], [1.0, 2.0, None]])
def test_too_few_values_and_values_that_are_all_the_same_have_no_correlation(values):
    table = table_of(*[(name, None, None) for name in "abc"], human_arousal=values)
    with pytest.raises(
        TooLittleDataError, match=r"^labels\.csv: people's arousal has . values left"
    ):
        axis_units(table, "arousal")
