"""A CSV that is read some bytes at a time gives what one that is read at once gives."""

import csv
import filecmp
import io

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moodtune.errors import MoodtuneError, TableError
from moodtune.pipeline import train, write
from moodtune.samples import sample_tracks
from moodtune.tables import delimited, reading, records, scanning
from moodtune.tables.limits import TableLimits
from moodtune.tables.long_table import LongText
from moodtune.tables.reading import open_long_table, read_table

#: What CSV is made of, so that whatever may go wrong does.
PIECES = st.sampled_from(["a", "b c", '"', '""', ",", ",", "\n", "\n", "\r\n", "\r", "é", " ", "0"])
TEXTS = st.lists(PIECES, max_size=40).map("".join)
SIZES = st.integers(1, 30)


def cut_into(monkeypatch, size, *, held=0):
    monkeypatch.setattr(records, "STRETCH_BYTES", size)
    monkeypatch.setattr(records, "CHUNK_BYTES", size)
    monkeypatch.setattr(scanning, "CHUNK_BYTES", size)
    monkeypatch.setattr(delimited, "_STRETCH_CELLS", size)
    monkeypatch.setattr(delimited, "_UNUSUAL_CHARACTERS", size)
    monkeypatch.setattr(reading, "HELD_BYTES", held)


def outcome(read, path):
    """Return names and rows, or the sentence that refuses them."""
    try:
        table = read(path)
    except MoodtuneError as error:
        return str(error)
    if isinstance(table, LongText):
        frames = list(table.batches(3))
        assert all(frame.columns == table.names for frame in frames)
        rows = [row for frame in frames for row in frame.rows()]
        blank = {name for name in table.names if table.is_blank(name)}
        assert blank == {n for i, n in enumerate(table.names) if all(r[i] is None for r in rows)}
        return table.names, rows, table.sha256, len(rows) == table.n_rows
    return table.names, table.frame.rows(), table.sha256, table.frame.height == table.n_rows


@settings(max_examples=200, deadline=None)
@given(TEXTS, SIZES)
@example('x"y\n"a\nb"\r', 1)
@example('a\n"b\r\r\n', 2)
def test_however_it_is_cut_it_reads_the_same(tmp_path_factory, text, size):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(("x,y\n" + text).encode())
    at_once = outcome(read_table, path)
    with pytest.MonkeyPatch.context() as patched:
        cut_into(patched, size)
        assert outcome(read_table, path) == at_once
        assert outcome(open_long_table, path) == at_once


@settings(max_examples=200, deadline=None)
@given(TEXTS, SIZES)
def test_it_reads_what_the_standard_library_reads(tmp_path_factory, text, size):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(("x,y\n" + text).encode())
    try:
        _, *expected = csv.reader(io.StringIO("x,y\n" + text + "\n", newline=""), strict=True)
    except csv.Error:
        expected = None
    if expected is not None and any(cell.strip() for row in expected for cell in row[2:]):
        expected = None
    with pytest.MonkeyPatch.context() as patched:
        cut_into(patched, size)
        found = outcome(open_long_table, path)
    if expected is None:
        assert isinstance(found, str)
        return
    padded = [[*row, "", ""][:2] for row in expected]
    rows = [tuple(cell.strip() or None for cell in row) for row in padded]
    rows = [row for row in rows if any(row)]
    assert found[1] == rows if rows else isinstance(found, str)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    tracks = sample_tracks(1500, 3)
    title = pl.Series(['"Say ""what"", she said"', "two\nlines", "plain"] * 500).head(1500)
    path = tmp_path_factory.mktemp("catalog") / "t.csv"
    again = tracks.head(200).with_columns(pl.col("popularity") + 1)
    wrong = tracks.tail(50).with_columns(energy=pl.lit(7.0), track_id=pl.col("track_id") + "-w")
    whole = pl.concat([tracks.with_columns(track_name=title), again, wrong])
    whole.sample(fraction=1, shuffle=True, seed=1).write_csv(path)
    return path


def trained(catalog, out, **options):
    write(train(catalog, temp_dir=out, **options), out, figures=False)
    return sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())


def test_every_file_of_a_training_has_the_same_bytes(catalog, tmp_path, monkeypatch):
    held, long = tmp_path / "held", tmp_path / "long"
    files = trained(catalog, held)
    cut_into(monkeypatch, 10_000)
    monkeypatch.setattr("moodtune.catalog.gathering.RUNS_IN_MEMORY", 0)
    assert trained(catalog, long, held_rows=400) == files
    same, other, failed = filecmp.cmpfiles(held, long, files, shallow=False)
    assert (other, failed) == ([], [])
    assert len(same) > 5


def test_a_row_of_too_many_cells_is_named_by_its_line_wherever_it_is_cut(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 500 + "1,2,3\n" + "1,2\n" * 500, encoding="utf-8")
    cut_into(monkeypatch, 64)
    with pytest.raises(TableError, match=r"t\.csv line 502: it has 3 cells and the header has 2"):
        open_long_table(path)


def test_too_many_rows_are_refused_before_a_row_is_given(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 500, encoding="utf-8")
    cut_into(monkeypatch, 64)
    with pytest.raises(TableError, match="rows"):
        open_long_table(path, limits=TableLimits(rows=499))
    assert open_long_table(path, limits=TableLimits(rows=500)).n_rows == 500


def test_a_file_that_changes_between_check_and_reading_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 500, encoding="utf-8")
    cut_into(monkeypatch, 64)
    table = open_long_table(path)
    path.write_text("a,b\n" + "1,2\n" * 499 + "1,3\n", encoding="utf-8")
    with pytest.raises(TableError, match="it was changed while it was read; start again"):
        list(table.batches(100))


def test_a_file_that_goes_between_check_and_reading_is_named(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 500, encoding="utf-8")
    cut_into(monkeypatch, 64)
    table = open_long_table(path)
    path.unlink()
    with pytest.raises(TableError, match=r"t\.csv: it cannot be read: No such file"):
        list(table.batches(100))


def test_a_table_of_many_blank_cells_is_not_held(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n" + "1\n" * 500, encoding="utf-8")
    assert not isinstance(open_long_table(path), LongText)
    monkeypatch.setattr(delimited, "_HELD_CELLS", 1000)
    assert isinstance(open_long_table(path), LongText)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_many_lines_before_the_header_are_left_out(tmp_path, end):
    path = tmp_path / "t.csv"
    path.write_bytes((end * 600_000 + end.join(["a,b", "1,2", "3,4"])).encode())
    assert read_table(path).frame.rows() == [("1", "2"), ("3", "4")]


def test_a_header_of_more_than_a_megabyte_is_read(tmp_path):
    names = [f"{number:0300}" for number in range(4000)]
    path = tmp_path / "t.csv"
    path.write_text(",".join(names) + "\n" + ",".join("7" * 4000) + "\n", encoding="utf-8")
    table = read_table(path)
    assert table.names == names
    assert table.n_rows == 1


def test_how_far_the_check_of_a_long_file_is_is_told(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 2000, encoding="utf-8")
    told = []
    open_long_table(path, count=lambda *said: told.append(said))
    assert told == []
    cut_into(monkeypatch, 1000)
    open_long_table(path, count=lambda *said: told.append(said))
    assert {(what, of) for what, _, of in told} == {("checking the text, kB", 8)}
    done = [done for _, done, _ in told]
    assert done == sorted(done)
    assert (done[0] < 8, done[-1]) == (True, 8)
