"""Tables are written whole, for people and for programs."""

import polars as pl

from moodtune.tables import writing
from moodtune.tables.reading import read_table
from moodtune.tables.writing import write_csv, write_parquet

FRAME = pl.DataFrame(
    {
        "title": ["=LOVE", "a,b", None],
        "genres": [["x", "=y"], [], None],
        "energy": [-0.5, 1.0, 0.25],
    }
)


def test_a_csv_for_people_is_guarded_and_its_lists_are_joined(tmp_path):
    write_csv(FRAME, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == (
        'title,genres,energy\n\'=LOVE,x;=y,-0.5\n"a,b","",1.0\n,,0.25\n'
    )
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_csv_has_one_header_and_every_row_however_many_are_written_at_once(tmp_path, monkeypatch):
    write_csv(FRAME, tmp_path / "whole.csv")
    monkeypatch.setattr(writing, "_ROWS", 2)
    write_csv(FRAME, tmp_path / "parts.csv")
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    write_csv(FRAME.clear(), tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text() == "title,genres,energy\n"


def test_a_parquet_file_keeps_its_types_and_is_the_same_bytes_each_time(tmp_path):
    write_parquet(FRAME, tmp_path / "one.parquet")
    write_parquet(FRAME, tmp_path / "two.parquet")
    assert read_table(tmp_path / "one.parquet").frame.equals(FRAME)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
