import re

import pytest

from moodtune.catalog.readers import read_catalog
from moodtune.catalog.settings import CatalogSettings
from moodtune.catalog.units import FRACTIONS
from moodtune.errors import ColumnError, SettingsError

IDS = "abcdefghij"


def rows_with(row, column, values):
    return [row(track_id=i, title=i, **{column: v}) for i, v in zip(IDS, values, strict=False)]


def refused(path, message, settings=None, kind=ColumnError):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        read_catalog(path, settings)


def test_a_column_in_percent_is_refused_with_the_option_that_accepts_it(write, row):
    path = write(*rows_with(row, "energy", ["80", "0", "55.5", "1", "100"]))
    refused(
        path,
        "tracks.csv: energy must be in [0, 1], and 3 of its 4 values other than 0 are above 1 "
        "(up to 100); if the column is a percentage, pass --percent energy",
    )
    energy = read_catalog(path, CatalogSettings(percent=("energy",))).tracks["energy"]
    assert energy.to_list() == pytest.approx([0.8, 0, 0.555, 0.01, 1])


def test_all_columns_in_percent_are_told_at_once_with_every_option(write, row):
    cells = {"danceability": "70", "energy": "80", "valence": "55.5", "liveness": "12"}
    path = write(row(track_id="a", **cells), row(track_id="b", title="B", **cells))
    refused(
        path,
        "tracks.csv: these must be in [0, 1], and most of their values other than 0 are above 1: "
        "danceability (above 1: 2 of 2, up to 70), energy (above 1: 2 of 2, up to 80), "
        "valence (above 1: 2 of 2, up to 55.5); if the columns are percentages, pass "
        "--percent liveness --percent danceability --percent energy --percent valence",
        CatalogSettings(percent=("liveness",)),
    )
    said = CatalogSettings(percent=("liveness", "danceability", "energy", "valence"))
    assert read_catalog(path, said).tracks["valence"].to_list() == pytest.approx([0.555, 0.555])


def test_a_column_called_percent_is_understood_and_checked_like_any_other(write, row):
    rows = rows_with(row, "energy_%", ["80", "20"])
    for cells in rows:
        del cells["energy"]
    path = write(*rows)
    energy = read_catalog(path, CatalogSettings(percent=("energy_%",))).tracks["energy"]
    assert energy.to_list() == pytest.approx([0.8, 0.2])


def test_a_percentage_beyond_100_is_rejected_in_its_own_units(write, row):
    path = write(*rows_with(row, "energy", ["80", "101"]))
    catalog = read_catalog(path, CatalogSettings(percent=("energy",)))
    assert catalog.rejections.select("row", "value", "reason").rows() == [
        (2, "101", "energy must be in [0, 1]")
    ]


def test_a_minority_above_1_is_a_fault_of_its_rows_not_of_the_column(write, row):
    catalog = read_catalog(write(*rows_with(row, "energy", ["0.3", "87", "0.5"])))
    assert catalog.rejections.select("row", "value").rows() == [(2, "87")]


def test_values_that_no_percentage_has_are_faults_of_their_rows(write, row):
    catalog = read_catalog(write(*rows_with(row, "energy", ["300", "500", "0.5"])))
    assert catalog.rejections["value"].to_list() == ["300", "500"]


def test_a_fraction_said_to_be_a_percentage_is_refused(write, row):
    refused(
        write(*rows_with(row, "energy", ["0.3", "1"])),
        "tracks.csv: energy was said to be a percentage, and its values lie between 0.3 and 1; "
        "leave out --percent energy",
        CatalogSettings(percent=("energy",)),
    )


def test_a_duration_in_seconds_is_refused_with_the_option_that_accepts_it(write, row):
    path = write(*rows_with(row, "length", ["215", "180.5", "3600"]))
    refused(
        path,
        "tracks.csv: duration_ms must be in milliseconds, and 2 of its 3 values are under one "
        "second (up to 3600); if the column is in seconds, pass --seconds duration",
    )
    read = read_catalog(path, CatalogSettings(seconds=("duration",)))
    assert read.tracks["duration_ms"].to_list() == [215_000, 180_500, 3_600_000]


def test_milliseconds_are_kept_also_where_one_track_is_very_short(write, row):
    catalog = read_catalog(write(*rows_with(row, "duration", ["215000", "900", "180500"])))
    assert catalog.tracks["duration_ms"].to_list() == [215_000, 900, 180_500]


def test_milliseconds_said_to_be_seconds_are_refused(write, row):
    refused(
        write(*rows_with(row, "duration", ["215000", "180500"])),
        "tracks.csv: duration_ms was said to be in seconds, and 2 of its 2 values are longer than "
        "ten hours; leave out --seconds duration",
        CatalogSettings(seconds=("duration_ms",)),
    )


@pytest.mark.parametrize(("column", "unit"), [("loudness", "dB"), ("tempo", "BPM")])
def test_loudness_and_tempo_rescaled_to_0_to_1_are_refused(write, row, column, unit):
    scaled = ["0.1", "0.9", "0.5", "0.25", "1"]
    refused(
        write(*rows_with(row, column, scaled)),
        f"tracks.csv: {column} must be in {unit}, and all its values lie between 0.1 and 1: it "
        f"was rescaled; give it in {unit}, or leave the column out",
    )
    kept = read_catalog(write(*rows_with(row, column, [*scaled[:4], "7"]), name="b.csv"))
    assert len(kept) == 5


def test_the_evidence_of_several_files_counts_together(write, row, tmp_path):
    write(*rows_with(row, "energy", ["80", "70"]), name="d/1.csv")
    write(*rows_with(row, "energy", ["0.5"]), name="d/2.csv")
    refused(
        tmp_path / "d",
        "1.csv and 1 more: energy must be in [0, 1], and 2 of its 3 values other than 0 are above "
        "1 (up to 80); if the column is a percentage, pass --percent energy",
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            CatalogSettings(seconds=("tempo",)),
            "--seconds tempo: expected one of duration_ms",
        ),
        (
            CatalogSettings(percent=("energi",)),
            f"--percent energi: expected one of {', '.join(FRACTIONS)}",
        ),
        (
            CatalogSettings(percent=("liveness",)),
            "--percent liveness: tracks.csv has no such column",
        ),
    ],
)
def test_an_option_that_fits_no_column_is_refused(write, row, settings, message):
    refused(write(row()), message, settings, SettingsError)
