"""Label tables: their own features, or the catalog's by id; and what is refused."""

import re

import polars as pl
import pytest

from evaluation_worlds import bundle_of, labelled, written
from moodtune.catalog.settings import CatalogSettings
from moodtune.errors import ColumnError, TableError
from moodtune.evaluation.labels import LabelColumns, read_label_table

MOOD = LabelColumns(label="mood", group="playlist")


@pytest.fixture(scope="module")
def bundle():
    return bundle_of(12, alternative_ids=[["other0", "old0"], *[[]] * 11])


def test_a_table_with_features_keeps_its_own_and_merges_nothing(bundle, tmp_path):
    frame = labelled(6)
    twice = pl.concat([frame, frame.head(2)])
    table = read_label_table(written(twice, tmp_path), bundle, MOOD)
    assert table.own_features
    assert (table.n_rows, table.rows.height, table.n_not_joined) == (8, 8, 0)
    assert table.rows["track_id"].to_list() == twice["track_id"].to_list()
    assert table.rows["label"].to_list() == twice["mood"].to_list()
    assert table.rows["group"].to_list() == twice["playlist"].to_list()
    assert table.rows["energy"].to_list() == twice["energy"].cast(pl.Float32).to_list()
    assert table.rows["canonical_id"].null_count() == 8


def test_a_row_with_a_value_out_of_range_is_rejected_and_the_labels_stay_with_their_rows(
    bundle, tmp_path
):
    frame = labelled(4, energy=[0.1, 7.0, 0.3, 0.4])
    table = read_label_table(written(frame, tmp_path), bundle, MOOD)
    assert table.rejected == {"energy must be in [0, 1]": 1}
    assert table.rows["track_id"].to_list() == ["x00000", "x00002", "x00003"]
    assert table.rows["label"].to_list() == frame["mood"].gather([0, 2, 3]).to_list()


def test_tracks_without_features_are_joined_by_any_of_their_ids(bundle, tmp_path):
    frame = pl.DataFrame(
        {
            "uri": ["spotify:track:t03", "old0", "nowhere", "t00", "t03"],
            "mood": ["Quiet", "Loud", "Loud", "Bright", None],
        }
    )
    table = read_label_table(written(frame, tmp_path), bundle, LabelColumns(label="mood"))
    assert not table.own_features
    assert (table.n_rows, table.n_not_joined) == (5, 1)
    assert table.rows["track_id"].to_list() == ["t03", "old0", "t00", "t03"]
    assert table.rows["canonical_id"].to_list() == ["t03", "t00", "t00", "t03"]
    assert table.rows["label"].to_list() == ["Quiet", "Loud", "Bright", None]
    energy = dict(bundle.tracks.select("track_id", "energy").iter_rows())
    assert table.rows["energy"].to_list() == [energy[t] for t in ("t03", "t00", "t00", "t03")]


def test_a_table_that_lacks_a_feature_of_the_model_is_joined_by_id(bundle, tmp_path):
    frame = labelled(3, track_id=["t01", "t02", "zzz"]).drop("acousticness")
    table = read_label_table(written(frame, tmp_path), bundle, MOOD)
    assert not table.own_features
    assert table.n_not_joined == 1
    assert table.features == bundle.song_model.features


def test_where_nothing_is_joined_the_sentence_says_what_is_lacking(bundle, tmp_path):
    frame = labelled(3).drop("acousticness", "tempo")
    said = (
        "labels.csv: none of its 3 tracks is in the model's catalog of 12, and it lacks "
        "acousticness, tempo, so that there is nothing to score; give a table with features, or a "
        "model trained on these tracks"
    )
    with pytest.raises(TableError, match=f"^{re.escape(said)}$"):
        read_label_table(written(frame, tmp_path), bundle, MOOD)


def test_without_features_and_ids_there_is_nothing_to_go_by(bundle, tmp_path):
    frame = pl.DataFrame({"song": ["A"], "mood": ["Quiet"]})
    with pytest.raises(ColumnError, match="and no track id by which the model's catalog could be"):
        read_label_table(written(frame, tmp_path), bundle, LabelColumns(label="mood"))


def test_a_column_that_is_not_there_is_named_with_the_nearest(bundle, tmp_path):
    path = written(labelled(3), tmp_path)
    said = "labels.csv has no column 'moods', named by --label-column; did you mean mood?"
    with pytest.raises(ColumnError, match=f"^{re.escape(said)}"):
        read_label_table(path, bundle, LabelColumns(label="moods"))
    with pytest.raises(ColumnError, match="has no column 'list', named by --group-column;"):
        read_label_table(path, bundle, LabelColumns(label="mood", group="list"))
    assert read_label_table(path, bundle, LabelColumns(label="Mood ")).rows.height == 3


def test_people_s_values_are_numbers_and_blanks_are_left_out(bundle, tmp_path):
    path = written(labelled(3, hv=["1.5", None, "-2"]), tmp_path)
    table = read_label_table(path, bundle, LabelColumns(valence="hv"))
    assert table.rows["human_valence"].to_list() == [1.5, None, -2.0]


@pytest.mark.parametrize("cell", ["very", "inf", "nan"])
def test_a_value_that_is_no_number_is_refused_with_its_row(bundle, tmp_path, cell):
    path = written(labelled(3, hv=["1.5", cell, "-2"]), tmp_path)
    said = (
        f"labels.csv row 2: hv must be a number, got '{cell}'; correct the cell, or leave it "
        "blank to leave the row out"
    )
    with pytest.raises(TableError, match=f"^{re.escape(said)}$"):
        read_label_table(path, bundle, LabelColumns(arousal="hv"))


def test_a_folder_is_no_label_table(bundle, tmp_path):
    with pytest.raises(TableError, match="this is a folder, and a file is wanted"):
        read_label_table(tmp_path, bundle, MOOD)


def test_a_table_in_percent_is_refused_until_that_is_said(bundle, tmp_path):
    frame = labelled(20)
    path = written(frame.with_columns(pl.col("energy") * 100), tmp_path)
    with pytest.raises((ColumnError, TableError), match="energy"):
        read_label_table(path, bundle, MOOD)
    table = read_label_table(path, bundle, MOOD, CatalogSettings(percent=("energy",)))
    assert table.rows["energy"].to_list() == pytest.approx(frame["energy"].to_list())


def test_a_parquet_table_with_numbers_as_labels_is_read(bundle, tmp_path):
    path = tmp_path / "labels.parquet"
    labelled(4, mood=[0, 1, 0, 1]).write_parquet(path)
    assert read_label_table(path, bundle, MOOD).rows["label"].to_list() == ["0", "1", "0", "1"]


def test_several_labels_in_one_cell_are_one_label(bundle, tmp_path):
    path = tmp_path / "labels.parquet"
    labelled(3, mood=[["a", "b"], ["a"], []]).write_parquet(path)
    assert read_label_table(path, bundle, MOOD).rows["label"].to_list() == ["a;b", "a", None]
    with pytest.raises(
        TableError, match=r"^labels\.parquet row 1: mood must be a number, got 'a;b'"
    ):
        read_label_table(path, bundle, LabelColumns(valence="mood"))
