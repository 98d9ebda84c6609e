import re

import pytest

from moodtune.catalog.inspection import ColumnReading, Counts, Example, Reason, inspect
from moodtune.catalog.readers import read_catalog
from moodtune.catalog.settings import CatalogSettings
from moodtune.errors import ColumnError, SettingsError, TableError


def reading(name, **known):
    nothing = dict.fromkeys(("meaning", "unit", "low", "high", "instead"))
    return ColumnReading(file="tracks.csv", name=name, **{**nothing, "n_blank": 0, **known})


def test_each_column_is_shown_with_meaning_unit_range_and_blanks(write, row):
    rows = [row(length="200000", name="x", mood=None), row(track_id="b", title="B", energy="0.25")]
    found = inspect(write(*rows))
    columns = {column.name: column for column in found.columns}
    assert columns["energy"] == reading(
        "energy", meaning="energy", unit="0 to 1", low=0.25, high=0.5
    )
    assert columns["length"] == reading(
        "length", meaning="duration_ms", unit="ms", low=200_000, high=200_000, n_blank=1
    )
    assert columns["artists"] == reading("artists", meaning="artists")
    assert columns["name"] == reading("name", instead="title", n_blank=1)
    assert columns["mood"] == reading("mood", n_blank=2)
    assert [column.name for column in found.columns] == list(rows[0])


def test_rows_are_counted_with_the_commonest_reason_first_and_a_few_examples(write, row):
    faulty = [row(track_id=f"x{i}", tempo="fast") for i in range(4)]
    rows = [row(), row(), row(track_id="b"), row(track_id="c", energy="7"), *faulty]
    found = inspect(write(*rows))
    assert found.counts == Counts(
        n_read=8, n_kept=1, n_rejected=5, n_merged_ids=1, n_merged_songs=1
    )
    assert found.reasons == (
        Reason(
            reason="tempo is not a number",
            column="tempo",
            n_rows=4,
            examples=tuple(Example(file="tracks.csv", row=i, value="fast") for i in (5, 6, 7)),
        ),
        Reason(
            reason="energy must be in [0, 1]",
            column="energy",
            n_rows=1,
            examples=(Example(file="tracks.csv", row=4, value="7"),),
        ),
    )
    assert found.problem is None


def test_a_sound_table_has_neither_reasons_nor_a_problem(write, row):
    found = inspect(write(row(tempo="0")))
    assert (found.reasons, found.problem) == ((), None)
    assert found.notes == ("1 row has tempo 0 (no beat was heard); it is kept",)


def problem_equals_error(path, kind):
    found = inspect(path)
    with pytest.raises(kind, match=f"^{re.escape(found.problem)}$"):
        read_catalog(path)
    return found


def test_a_table_that_is_none_of_tracks_is_shown_with_its_columns_and_why(write):
    found = problem_equals_error(write({"artists": "Ann", "energy": "0.5"}), ColumnError)
    assert found.counts is None
    assert [(c.name, c.meaning, c.high) for c in found.columns] == [
        ("artists", "artists", None),
        ("energy", "energy", 0.5),
    ]


def test_a_table_in_other_units_is_shown_with_its_ranges_and_why(write, row):
    found = problem_equals_error(write(row(energy="80")), ColumnError)
    assert next(c.high for c in found.columns if c.name == "energy") == 80
    assert found.problem.endswith("pass --percent energy")
    assert inspect(write(row(energy="80")), CatalogSettings(percent=("energy",))).problem is None


def test_a_table_of_which_nothing_is_left_is_shown_with_its_reasons(write, row):
    found = problem_equals_error(write(row(energy="x")), TableError)
    assert [reason.reason for reason in found.reasons] == ["energy is not a number"]
    assert found.counts.n_kept == 0


def test_tables_left_out_of_a_folder_are_among_the_sources(write, row, tmp_path):
    write(row(), name="d/1.csv")
    write({"year": "1999"}, name="d/years.csv")
    found = inspect(tmp_path / "d")
    assert [(s.name, s.left_out is None) for s in found.sources] == [
        ("1.csv", True),
        ("years.csv", False),
    ]
    assert found.problem is None


def test_an_option_that_fits_no_column_is_an_error_not_a_problem(write, row):
    with pytest.raises(
        SettingsError, match=r"^--percent liveness: tracks\.csv has no such column$"
    ):
        inspect(write(row()), CatalogSettings(percent=("liveness",)))
