"""A table reads the same in every format, and what cannot be read is said in a sentence."""

import gzip
import hashlib
import os
import re
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from moodtune.errors import ColumnError, HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.reading import open_long_table, read_table, table_files
from moodtune.tables.table import UNNAMED

DATA = os.environ.get("MOODTUNE_DATA")
needs_data = pytest.mark.skipif(
    not DATA or not Path(DATA).is_dir(), reason="MOODTUNE_DATA names no folder of real tables"
)


def said(sentence):
    return f"^{re.escape(sentence)}$"


def read(tmp_path, content, name="t.csv", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, **options)


def cells(table):
    return table.frame.to_dict(as_series=False)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x\n2,\n",
        "a;b\n1;x\n2;\n",
        "a\tb\n1\tx\n2\t\n",
        "a,b\r\n1,x\r\n2,\r\n",
        "a,b\r1,x\r2,\r",
        "\ufeffa,b\n1,x\n2,\n",
        "\n\na,b\n\n1,x\n,\n2,\n\n",
        '"a","b"\n"1","x"\n"2",""\n',
        "a,b\n 1 ,\tx\n2,   ",
        "a,b\n1,x\n2\n",
        "a,b\n1,x,\n2,,,\n",
    ],
)
def test_one_table_reads_the_same_however_its_csv_is_written(tmp_path, content):
    table = read(tmp_path, content)
    assert cells(table) == {"a": ["1", "2"], "b": ["x", None]}
    assert (table.kind, table.name) == ("csv", "t.csv")
    assert table.sha256 == hashlib.sha256(content.encode()).hexdigest()


def test_a_gzip_csv_reads_as_what_it_holds_with_the_fingerprint_of_the_file(tmp_path):
    packed = gzip.compress(b"a,b\n1,x\n")
    table = read(tmp_path, packed, "T.CSV.GZ")
    assert cells(table) == {"a": ["1"], "b": ["x"]}
    assert table.sha256 == hashlib.sha256(packed).hexdigest()


def test_line_breaks_quotes_and_separators_stay_inside_quotes(tmp_path):
    table = read(tmp_path, 'a,"b\nc"\n"1\n2","say ""x"", y"\n')
    assert cells(table) == {"a": ["1\n2"], "b\nc": ['say "x", y']}


@pytest.mark.parametrize("title", ['7" mix', '7" and 8"', 'a "b" c', "5'10\""])
def test_a_quote_inside_an_unquoted_cell_is_a_quote(tmp_path, title):
    table = read(tmp_path, f"a,b\n1,{title}\n2,x\n")
    assert cells(table) == {"a": ["1", "2"], "b": [title, "x"]}


def test_quotes_that_never_pair_are_read_in_a_long_table_too(tmp_path):
    rows = "".join(f"{n},x\n" for n in range(200_000))
    table = read(tmp_path, f'a,b\n0,7" mix\n{rows}')
    assert table.frame.height == 200_001
    assert table.frame.row(0) == ("0", '7" mix')
    assert table.frame.row(-1) == ("199999", "x")


def test_a_leading_index_column_without_a_name_is_kept_under_the_empty_name(tmp_path):
    assert UNNAMED == ""
    assert cells(read(tmp_path, ",a\n0,x\n")) == {"": ["0"], "a": ["x"]}


def test_equal_column_names_are_numbered(tmp_path):
    table = read(tmp_path, "a,b,a, a,,\n1,2,3,4,5,6\n")
    assert table.frame.columns == ["a", "b", "a (2)", "a (3)", "", "(2)"]
    assert table.frame.row(0) == ("1", "2", "3", "4", "5", "6")


def test_misspelt_column_names_stay_as_they_are(tmp_path):
    table = read(tmp_path, "preffered_premium_plan,music_Influencial_mood\n1,2\n")
    assert table.frame.columns == ["preffered_premium_plan", "music_Influencial_mood"]


def test_guards_before_formulas_are_taken_away(tmp_path):
    table = read(tmp_path, "'=a,b\n'=LOVE,'Til\n''@x,-1\n")
    assert cells(table) == {"=a": ["=LOVE", "'@x"], "b": ["'Til", "-1"]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "t.csv: the file is empty; it must have a header and rows"),
        ("\n\n", "t.csv: the file is empty; it must have a header and rows"),
        (" , \n1,2\n", "t.csv: its first line names no column; the first line must be the header"),
        ("a,b\n", "t.csv: it has column names and no row with anything in it"),
        ("a,b\n,\n", "t.csv: it has column names and no row with anything in it"),
        (
            'a,b\n1,2\n"x\ny",3\n4,5,6\n',
            (
                "t.csv line 5: it has 3 cells and the header has 2; "
                "put quotes around cells that contain the separator"
            ),
        ),
        (
            "a,b\n1,2\n3,caf\xe9\n".encode("latin-1"),
            (
                "t.csv line 3: byte 0xe9 is not UTF-8; "
                "save the table as CSV in UTF-8 (it may be Windows-1252 or Latin-1 now)"
            ),
        ),
        (
            "a,b\n1,2\n".encode("utf-16"),
            "t.csv: it is not text in UTF-8, but UTF-16 or no text at all; save it as CSV in UTF-8",
        ),
        (
            "a,b\n1,2\n".encode("utf-16-le"),
            "t.csv: it is not text in UTF-8, but UTF-16 or no text at all; save it as CSV in UTF-8",
        ),
        (
            'a,b\n1,"never closed\n2,3\n',
            (
                "t.csv line 3: the quotes around a cell are wrong (unexpected end of data); "
                "double each quote inside a quoted cell, and close it"
            ),
        ),
        (
            'a,b\n1,"x"y\n',
            (
                "t.csv line 2: the quotes around a cell are wrong (',' expected after '\"'); "
                "double each quote inside a quoted cell, and close it"
            ),
        ),
    ],
)
def test_a_csv_that_cannot_be_understood_is_refused_with_its_line(tmp_path, content, sentence):
    with pytest.raises(TableError, match=said(sentence)):
        read(tmp_path, content)


@pytest.mark.parametrize("name", ["t.csv", "T.TSV"])
@pytest.mark.parametrize("reader", [read_table, open_long_table])
@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (
            lambda path: pl.DataFrame({"a": [1]}).write_parquet(path),
            "it is a Parquet file: let its",
        ),
        (lambda path: zipfile.ZipFile(path, "w").writestr("a", "a,b"), "it is a ZIP archive, as"),
        (lambda path: path.write_bytes(gzip.compress(b"a,b\n1,2\n")), "it is compressed by gzip"),
    ],
)
def test_what_is_no_csv_is_said_to_be_what_it_is(tmp_path, name, reader, written, sentence):
    written(tmp_path / name)
    with pytest.raises(TableError, match=rf"^{name}: {sentence}"):
        reader(tmp_path / name)


@pytest.mark.parametrize("text", ["PAR1,b\n1,2\n", "PAR1,b\n1,PAR1", "PK\n1\n", "a\n1"])
def test_a_csv_may_begin_nearly_like_other_files(tmp_path, text):
    (tmp_path / "t.csv").write_text(text)
    assert read_table(tmp_path / "t.csv").frame.height == 1


@pytest.mark.parametrize(
    "damage", [b"\x1f\x8bnothing", gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-20]]
)
def test_a_damaged_gzip_is_refused(tmp_path, damage):
    sentence = "t.csv.gz: its gzip data are damaged or cut off; fetch or write the file again"
    with pytest.raises(TableError, match=said(sentence)):
        read(tmp_path, damage, "t.csv.gz")


def workbook(tmp_path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    return tmp_path / "t.xlsx"


def test_workbook_cells_read_as_a_person_sees_them(tmp_path):
    import datetime as dt

    path = workbook(
        tmp_path,
        [
            ["n", "x", "on", "at", "text", "n"],
            [3, 0.1 + 0.2, dt.date(2024, 1, 5), dt.datetime(2024, 1, 5, 13, 4, 5), " a ", True],  # noqa: DTZ001
            [2.0, -6.746, None, dt.time(3, 4), "None", False],
            [None, None, None, None, "  ", None],
            [123456789012, 1e-06, None, None, "'=LOVE", None],
        ],
    )
    table = read_table(path)
    assert table.kind == "xlsx"
    assert cells(table) == {
        "n": ["3", "2", "123456789012"],
        "x": ["0.3", "-6.746", "0.000001"],
        "on": ["2024-01-05", None, None],
        "at": ["2024-01-05 13:04:05", "03:04:00", None],
        "text": ["a", None, "=LOVE"],
        "n (2)": ["true", "false", None],
    }


def test_a_formula_is_never_evaluated(tmp_path):
    path = workbook(tmp_path, [["a", "b"], [1, '=HYPERLINK("http://x.invalid")'], [2, "=1+1"]])
    assert cells(read_table(path)) == {"a": ["1", "2"], "b": [None, None]}


def test_the_first_sheet_with_the_wanted_columns_is_read(tmp_path):
    path = workbook(tmp_path, [["a"], [1]], [], [["b"], [2]], [["b", "c"], [3, 4]])
    assert cells(read_table(path)) == {"a": ["1"]}
    assert cells(read_table(path, wanted=lambda names: "b" in names)) == {"b": ["2"]}
    sentence = (
        "t.xlsx: none of its 3 sheets has the columns that are looked for; the first begins with a"
    )
    with pytest.raises(TableError, match=said(sentence)):
        read_table(path, wanted=lambda names: "z" in names)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html></html>", bytes(range(256))])
def test_what_is_no_workbook_is_refused(tmp_path, content):
    sentence = "t.xlsx: it is no XLSX workbook, or a damaged one; save it again as XLSX"
    with pytest.raises(TableError, match=said(sentence)):
        read(tmp_path, content, "t.xlsx")


def test_parquet_keeps_its_types(tmp_path):
    frame = pl.DataFrame({"id": ["'=a", ""], "x": [0.5, None], "genres": [["a"], []]})
    frame.write_parquet(tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert table.kind == "parquet"
    assert table.frame.equals(frame)


def test_a_nested_parquet_column_is_refused(tmp_path):
    pl.DataFrame({"s": [{"a": 1}]}).write_parquet(tmp_path / "t.parquet")
    sentence = (
        "t.parquet: column 's' is nested (Struct({'a': Int64})), and only lists of text are read; "
        "unnest it or leave it out"
    )
    with pytest.raises(ColumnError, match=said(sentence)):
        read_table(tmp_path / "t.parquet")


def test_a_parquet_of_too_many_rows_is_refused_before_they_are_read(tmp_path):
    pl.DataFrame({"x": [1, 2, 3]}).write_parquet(tmp_path / "t.parquet")
    sentence = "t.parquet: it has 3 rows and the limit is 2; export only the part that is needed"
    with pytest.raises(HostileTableError, match=said(sentence)):
        read_table(tmp_path / "t.parquet", limits=TableLimits(rows=2))


@pytest.mark.parametrize("cut", [4, 20, 200])
def test_a_damaged_parquet_is_refused(tmp_path, cut):
    pl.DataFrame({"x": range(1000)}).write_parquet(tmp_path / "t.parquet")
    whole = (tmp_path / "t.parquet").read_bytes()
    sentence = "t.parquet: this Parquet file is damaged or cut off; fetch or write it again"
    with pytest.raises(TableError, match=said(sentence)):
        read(tmp_path, whole[:-cut], "t.parquet")


def test_what_is_no_parquet_is_refused(tmp_path):
    sentence = "t.parquet: it is no Parquet file, whatever its name says; rename it"
    with pytest.raises(TableError, match=said(sentence)):
        read(tmp_path, "a,b\n", "t.parquet")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none.csv", "there is no such file; check the path"),
        (
            "t.pickle",
            (
                "what its name ends in is no kind of table that is read; it takes "
                ".csv, .csv.gz, .tsv, .tsv.gz, .parquet, .xlsx, .html, .htm"
            ),
        ),
        (".", "this is a folder, and a file is wanted; name one table in it"),
    ],
)
def test_a_path_that_is_no_table_is_a_sentence(tmp_path, name, sentence):
    (tmp_path / "t.pickle").touch()
    path = tmp_path / name
    with pytest.raises(TableError, match=said(f"{path}: {sentence}")):
        read_table(path)


def test_a_file_name_is_shown_and_not_obeyed(tmp_path):
    with pytest.raises(
        TableError, match=said("a\\x1b[31m.csv: the file is empty; it must have a header and rows")
    ):
        read(tmp_path, "", "a\x1b[31m.csv")


def test_a_folder_gives_its_tables_in_order_and_none_that_is_hidden_or_linked(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ["z.csv", "b/a.parquet", "b.csv", "B.XLSX", "read.me", ".h.csv", ".git/c.csv"]:
        (tmp_path / name).touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "z.csv")
    found = [file.relative_to(tmp_path).as_posix() for file in table_files(tmp_path)]
    assert found == ["B.XLSX", "b.csv", "b/a.parquet", "z.csv"]


def test_a_table_by_its_own_path_is_itself(tmp_path):
    (tmp_path / "t.csv").touch()
    assert table_files(tmp_path / "t.csv") == [tmp_path / "t.csv"]


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.csv").touch()
    (tmp_path / "in" / "link.csv").symlink_to(tmp_path / "secret.csv")
    sentence = (
        f"{tmp_path / 'in'}: link.csv is a link that leads out of the folder; "
        "put the file itself there, or name it by its own path"
    )
    with pytest.raises(TableError, match=said(sentence)):
        table_files(tmp_path / "in")


def test_a_folder_without_tables_or_with_too_many_is_a_sentence(tmp_path):
    endings = ".csv, .csv.gz, .tsv, .tsv.gz, .parquet, .xlsx, .html, .htm"
    sentence = f"{tmp_path}: no table is in this folder; it takes {endings}"
    with pytest.raises(TableError, match=said(sentence)):
        table_files(tmp_path)
    for n in range(3):
        (tmp_path / f"{n}.csv").touch()
    assert len(table_files(tmp_path, limits=TableLimits(files=3))) == 3
    sentence = (
        f"{tmp_path}: there are more than 2 tables in this folder, the limit; "
        "put the tables into a folder of their own"
    )
    with pytest.raises(HostileTableError, match=said(sentence)):
        table_files(tmp_path, limits=TableLimits(files=2))


def test_a_missing_path_is_a_sentence(tmp_path):
    for name in ("no.csv", "no"):
        sentence = f"{tmp_path / name}: there is no such file or folder; check the path"
        with pytest.raises(TableError, match=said(sentence)):
            table_files(tmp_path / name)


@needs_data
def test_the_survey_is_the_same_520_rows_in_csv_workbook_and_page():
    folder = Path(DATA) / "behavior"
    survey = read_table(folder / "spotify_data.csv").frame
    assert survey.shape == (520, 20)
    assert read_table(folder / "Spotify_data.xlsx").frame.equals(survey)
    page = read_table(folder / "__results__.html").frame
    assert page.columns[0] == UNNAMED
    assert page.drop(UNNAMED).equals(survey)


@needs_data
def test_the_large_catalog_reads_whole():
    table = read_table(Path(DATA) / "catalog" / "spotify_tracks_114k.csv")
    assert table.frame.shape == (114_000, 21)
    assert table.frame.columns[:2] == [UNNAMED, "track_id"]
    assert table.frame["artists"].null_count() == 1


def test_a_column_may_be_called_like_a_pattern(tmp_path):
    (tmp_path / "t.csv").write_text("^id$,*\n 1 ,'=2\n", encoding="utf-8")
    assert read_table(tmp_path / "t.csv").frame.rows(named=True) == [{"^id$": "1", "*": "=2"}]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('"name\n(full)";"age"\n"A";"1"\n', ["name\n(full)", "age"]),
        ('7" a;b;c\n1;2;3\n', ['7" a', "b", "c"]),
        ("sep=;\r\na,1;b\r\n1;2\r\n", ["a,1", "b"]),
        ('"sep=\t"\na;b\tc\n1\t2\n', ["a;b", "c"]),
    ],
)
def test_the_separator_is_found_in_the_whole_header_or_said_before_it(tmp_path, text, names):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_table(path).names == names
