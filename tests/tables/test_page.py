"""Tables as notebooks render them into a page."""

import os
import re
from pathlib import Path

import pytest

from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.reading import read_table
from moodtune.tables.table import UNNAMED

DATA = os.environ.get("MOODTUNE_DATA")
WHAT_TO_DO = (
    'of its cells were cut with "..." when the page was rendered; export the whole table as CSV, '
    "or render it again with pandas' display.max_colwidth, display.max_rows and "
    "display.max_columns set to None"
)


def said(sentence):
    return f"^{re.escape(sentence)}$"


def read(tmp_path, html, **options):
    path = tmp_path / "p.html"
    path.write_text(html, encoding="utf-8")
    return read_table(path, **options)


def table(head, *rows):
    heads = "".join(f"<th>{name}</th>" for name in head)
    body = "".join(
        f"<tr><th>{row[0]}</th>{''.join(f'<td>{cell}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return (
        '<table border="1" class="dataframe"><thead><tr style="text-align: right;">'
        f"{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def test_a_page_that_pandas_rendered_reads_as_its_table(tmp_path):
    html = f"<!DOCTYPE html><html><body><h1>x</h1>{table(['', 'Age', 'mood'], [0, ' 20-35 ', 'a &amp; b &lt;i&gt;'], [1, 'NaN', 'None'], [2, '&nbsp;', 'Déjà  vu'])}</body></html>"
    read_back = read(tmp_path, html)
    assert read_back.kind == "html"
    assert read_back.frame.to_dict(as_series=False) == {
        UNNAMED: ["0", "1", "2"],
        "Age": ["20-35", None, None],
        "mood": ["a & b <i>", None, "Déjà  vu"],
    }


def test_the_first_table_with_the_wanted_columns_is_read(tmp_path):
    html = table(["", "a"], [0, 1]) + table(["", "b"], [0, 2]) + table(["", "b"], [0, 3])
    assert read(tmp_path, html).frame.row(0) == ("0", "1")
    assert read(tmp_path, html, wanted=lambda names: "b" in names).frame.row(0) == ("0", "2")
    sentence = (
        "p.html: none of its 3 tables has the columns that are looked for; the first begins with a"
    )
    with pytest.raises(TableError, match=said(sentence)):
        read(tmp_path, html, wanted=lambda names: "z" in names)


def test_a_table_inside_the_cell_of_another_is_a_table_of_its_own(tmp_path):
    inner = table(["", "a"], [0, 1])
    html = f"<table><tr><td>layout</td><td>{inner}</td></tr><tr><td>1</td><td>2</td></tr></table>"
    assert read(tmp_path, html, wanted=lambda names: "a" in names).frame.columns == ["", "a"]


def test_a_named_index_takes_its_name_from_the_second_row_of_the_head(tmp_path):
    html = (
        "<table><thead><tr><th></th><th>a</th></tr><tr><th>id</th><th></th></tr></thead>"
        "<tbody><tr><th>x1</th><td>1</td></tr></tbody></table>"
    )
    assert read(tmp_path, html).frame.to_dict(as_series=False) == {"id": ["x1"], "a": ["1"]}


def test_cells_outside_a_head_and_without_end_tags_are_read(tmp_path):
    html = "<table><tr><th>a<th>b<tr><td>1<td>2<br>3<tr><td>4"
    assert read(tmp_path, html).frame.rows() == [("1", "2\n3"), ("4", None)]


def test_scripts_comments_and_markup_in_cells_are_not_obeyed(tmp_path):
    html = (
        "<script>var a = '<table><tr><td>no</td></tr></table>';</script><!-- <table> -->"
        + table(["", "a"], [0, "<b>bold</b> <img src=x onerror=alert(1)>"])
    )
    assert read(tmp_path, html).frame.rows() == [("0", "bold")]


@pytest.mark.parametrize(
    ("html", "cut"),
    [
        (table(["", "a"], [0, "Relaxation and str..."], [1, "Uplifting"]), 1),
        (table(["", "a"], [0, "x"], ["...", "..."], [9, "y"]), 2),
        (table(["", "a", "...", "z"], [0, "x", "...", "y"]), 2),
        (table(["", "a"], [0, "half…"]), 1),
    ],
)
def test_a_page_with_cut_cells_is_refused_with_their_count(tmp_path, html, cut):
    with pytest.raises(TableError, match=said(f"p.html: {cut} {WHAT_TO_DO}")):
        read(tmp_path, html)


def test_dots_inside_a_cell_are_no_cut(tmp_path):
    assert read(tmp_path, table(["", "a"], [0, "well... yes"])).frame.row(0)[1] == "well... yes"


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("", "p.html: there is no table with anything in it; save it as CSV"),
        ("<p>no table</p>", "p.html: there is no table with anything in it; save it as CSV"),
        (
            table(["", "a"], [0, 1, 2]),
            (
                "p.html: row 1 of its table has 3 cells and the header has 2; "
                "export the whole table as CSV"
            ),
        ),
        (
            '<table><tr><th>a<th>b<tr><td colspan="2">1</table>',
            "p.html: cells of its table are merged; export the whole table as CSV",
        ),
        (
            "<table><thead><tr><th>i<th>a<tr><th>j<th>b</thead><tr><td>1<td>2</table>",
            "p.html: a table has several rows of column names; export it as CSV with one",
        ),
    ],
)
def test_a_page_without_a_table_that_can_be_used_is_refused(tmp_path, html, sentence):
    with pytest.raises(TableError, match=said(sentence)):
        read(tmp_path, html)


def test_pictures_scripts_and_comments_in_a_page_may_be_long(tmp_path):
    long = "A" * 300_000
    html = (
        f"<!-- {long} --><script>a<b {long}</script><script>{long}</script>"
        + table(["", "a"], [0, f'x<img src="data:image/png;base64,{long}" alt="y">z'])
        + f'<img alt="a &gt; b" src="data:image/png;base64,{long}">'
    )
    assert read(tmp_path, html).frame.rows() == [("0", "xz")]


def test_a_cell_of_many_pieces_around_a_table_reads_as_one(tmp_path):
    inner = "<table><tr><td>no</td></tr></table>"
    html = f"<table><tr><td>a</td></tr><tr><td>x<b>y</b>{inner}z&amp;<i>!</i></td></tr></table>"
    read_back = read(tmp_path, html, wanted=lambda names: names == ["a"])
    assert read_back.frame.rows() == [("xyz&!",)]


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"page_bytes": 172}, "it is larger than 172 bytes, the limit for a page"),
        ({"page_tags": 19}, "it has more than 19 tags, the limit for a page"),
        ({"page_attributes": 2}, "it has more than 2 attributes of tags, the limit for a page"),
        ({"page_tables": 1}, "it has more than 1 tables, the limit for a page"),
    ],
)
def test_each_limit_of_a_page_is_a_setting(tmp_path, limits, sentence):
    html = "<table></table>" + table(["", "a"], [0, "x"])
    assert read(tmp_path, html).frame.rows() == [("0", "x")]
    with pytest.raises(
        HostileTableError, match=said(f"p.html: {sentence}; export the table itself as CSV")
    ):
        read(tmp_path, html, limits=TableLimits(**limits))


def test_a_page_that_is_not_utf8_is_refused_with_its_line(tmp_path):
    (tmp_path / "p.html").write_bytes(b"<table>\n<tr><td>caf\xe9</table>")
    sentence = "p.html line 2: byte 0xe9 is not UTF-8; save the page in UTF-8, or the table as CSV"
    with pytest.raises(TableError, match=said(sentence)):
        read_table(tmp_path / "p.html")


@pytest.mark.skipif(
    not DATA or not Path(DATA).is_dir(), reason="MOODTUNE_DATA names no folder of real tables"
)
def test_the_truncated_notebook_is_refused_with_its_26_cut_cells():
    name = "__results___truncated.html"
    with pytest.raises(TableError, match=said(f"{name}: 26 {WHAT_TO_DO}")):
        read_table(Path(DATA) / "behavior" / name)
