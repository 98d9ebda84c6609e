"""Each hostile file is refused in one sentence, before it costs much time or memory."""

import gzip
import os
import random
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import polars as pl
import pytest

from moodtune.errors import HostileTableError, TableError
from moodtune.tables.limits import TableLimits
from moodtune.tables.reading import open_long_table, read_table, table_files

MIB = 1024**2


def repeated_deflate(block: bytes, times: int) -> bytes:
    """A raw deflate stream of ``block`` many times over, packed once and repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush a packed block refers to nothing before it, so copies of it are valid.
    once = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return once * times + packer.flush(zlib.Z_FINISH)


def gzip_of(deflated: bytes) -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + deflated + bytes(8)


def _crc(packed: bytes) -> int:
    """The checksum of small parts; a bomb has none that anyone would wait for."""
    return zlib.crc32(zlib.decompress(packed, -zlib.MAX_WBITS)) if len(packed) < MIB // 64 else 0


def zip_of(parts: list[tuple[str, bytes, int]]) -> bytes:
    """A zip archive of deflated parts: name, packed bytes, and the size that it claims to have."""
    body, directory = b"", b""
    for name, packed, claimed in parts:
        sizes = struct.pack("<III", _crc(packed), len(packed), claimed)
        fields = struct.pack("<HHHHH", 20, 0, 8, 0, 0) + sizes
        fields += struct.pack("<HH", len(name), 0)
        directory += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + fields
            + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
            + name.encode()
        )
        body += b"PK\x03\x04" + fields + name.encode() + packed
    count = len(parts)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def workbook_parts(sheet_rows: str, shared: str = "", prolog: str = "") -> dict[str, str]:
    """The parts of a smallest workbook around the rows of its one sheet."""
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
        f'Id="r1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{sheet_rows}'
        "</sheetData></worksheet>",
        "xl/sharedStrings.xml": f'{_XML}{prolog}<sst xmlns="{_MAIN}">{shared}</sst>',
    }


def write_workbook(path: Path, sheet_rows: str, shared: str = "", prolog: str = "") -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in workbook_parts(sheet_rows, shared, prolog).items():
            archive.writestr(name, text)


HONEST_ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    '<row r="2"><c r="A2"><v>1</v></c></row>'
)
BILLION_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY lol0 "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)


def gzip_bomb(path: Path) -> None:
    """Ten gigabytes of rows."""
    path.write_bytes(gzip_of(repeated_deflate(b"a,b\n" * (MIB // 4), 10 * 1024)))


def gzip_line(path: Path) -> None:
    """A gigabyte of one line, in many gzip members."""
    member = gzip_of(repeated_deflate(b"a" * MIB, 64))
    path.write_bytes(member * 16)


def zip_bomb(path: Path) -> None:
    packed = repeated_deflate(b"<row></row>" * (MIB // 11), 1024)
    path.write_bytes(zip_of([("xl/worksheets/sheet1.xml", packed, 1024 * MIB)]))


def lying_zip_bomb(path: Path) -> None:
    """The same, but the archive says that the part is ten bytes long."""
    packed = repeated_deflate(b"<row></row>" * (MIB // 11), 1024)
    path.write_bytes(zip_of([("xl/worksheets/sheet1.xml", packed, 10)]))


def nested_zip_bomb(path: Path) -> None:
    """An archive in the archive, whose own part lies about its size."""
    inner = zip_of([("inner.xml", repeated_deflate(bytes(MIB), 1024), 10)])
    nested = repeated_deflate(inner[: 64 * 1024], 4096)
    path.write_bytes(zip_of([("xl/media/inner.zip", nested, 10)]))


def entity_bomb_in_strings(path: Path) -> None:
    write_workbook(path, HONEST_ROWS, "<si><t>&lol9;</t></si>", BILLION_LAUGHS)


def entity_bomb_in_page(path: Path) -> None:
    path.write_text(f"{BILLION_LAUGHS}<table><tr><th>a</th></tr><tr><td>&lol9;</td></tr></table>")


def gigabyte_line(path: Path) -> None:
    """A header, and a hole of a gigabyte in which no line ends."""
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        file.truncate(1024 * MIB)


def gigabyte_header(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(1024):
            file.write(b"a" * MIB)


def nested_tables(path: Path) -> None:
    path.write_text("<table><tr><td>" * 100_000)


def million_columns(path: Path) -> None:
    names = ",".join(f"c{n}" for n in range(1_000_000))
    path.write_text(f"{names}\n{'1,' * 999_999}1\n")


def many_columns_in_page(path: Path) -> None:
    path.write_text(f"<table><tr>{'<th>a</th>' * 400_000}</tr><tr><td>1</td></tr></table>")


def huge_cell(path: Path) -> None:
    path.write_bytes(b"a,b\n1," + b"x" * (100 * MIB) + b"\n")


def huge_cell_of_lines(path: Path) -> None:
    """A quoted cell of 100 MiB in which every physical line is short."""
    path.write_bytes(b'a,b\n1,"' + b"x" * 63 + b"\nxxxxxxx\n" * (100 * MIB // 9) + b'"\n')


def huge_cell_in_page(path: Path) -> None:
    # Just under the limit of a page, which would answer first.
    path.write_text("<table><tr><td>a</td></tr><tr><td>" + "x" * (30 * MIB) + "</td></tr></table>")


def attributes_in_one_tag(path: Path) -> None:
    path.write_text(f"<table {'a=1 ' * 5_000_000}>")


def attributes_in_many_tags(path: Path) -> None:
    """Tags as long as they may be, of attributes as short as they can be."""
    path.write_text(f"<table><tr><td {('a ' * 30_000 + '><p ') * 500}")


def quote_without_end(path: Path) -> None:
    path.write_text("<table><tr><td>" + '<a b="' * 300_000)


def page_of_tables(path: Path) -> None:
    # Blank ones, as the first with anything in it would be taken.
    path.write_text("<table></table>" * 400_000)


def page_of_tags(path: Path) -> None:
    path.write_text("<table><tr><td>" + "<b>" * 3_000_000)


def page_of_rows(path: Path) -> None:
    path.write_text("<table><tr><td>a" + "<tr><td>b" * 2_000_000)


def one_long_row(path: Path) -> None:
    """Three megabytes that span sixteen hundred million cells."""
    path.write_text("<table><tr>" + "<th>a" * 4_096 + "<tr><td>x" * 400_000)


def dictionary_bomb(path: Path) -> None:
    """Two gigabytes of cells: the same long title and artist in each row."""
    cells = {name: pl.lit(letter * 4_000) for name, letter in (("title", "x"), ("artists", "y"))}
    pl.select(id=pl.int_range(300_000)).lazy().with_columns(**cells).sink_parquet(path)


def packed_bomb(path: Path) -> None:
    """A gigabyte of long texts in one row group, each of them different, so without dictionary."""
    pl.select(id=pl.int_range(4_000)).lazy().select(
        text=pl.lit("x" * 90_000) + pl.col("id").cast(pl.String)
    ).sink_parquet(path, row_group_size=4_000)


def rows_from_nothing(path: Path) -> None:
    """Eight hundred megabytes of one number, in some kilobytes."""
    numbers = {f"n{n}": pl.lit(0.5) for n in range(100)}
    pl.select(id=pl.repeat(1, 1_000_000)).lazy().with_columns(**numbers).sink_parquet(path)


def huge_cell_in_parquet(path: Path) -> None:
    long = random.Random(1).randbytes(MIB).hex()
    pl.DataFrame({"a": ["x", long]}).write_parquet(path)


def far_cell(path: Path) -> None:
    """Two cells, and seventeen thousand million empty ones in between."""
    write_workbook(
        path,
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    )


def huge_cell_in_workbook(path: Path) -> None:
    write_workbook(path, HONEST_ROWS, f"<si><t>{random.Random(1).randbytes(MIB).hex()}</t></si>")


def repeated_string(path: Path) -> None:
    """Two thousand million characters: one long string, named by many cells."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_001))
    write_workbook(path, rows, f"<si><t>{random.Random(1).randbytes(45_000).hex()}</t></si>")


REPEATED = (
    "its cells repeat a few long texts until they come to more than 1,073,741,824 bytes, "
    "the limit; save it as CSV or Parquet"
)
RATIO = (
    "it expands to more than 100 times its size, as files do that are made to fill a machine; "
    "if it is honest, save it as CSV or Parquet"
)
LINE = (
    "it has a cell or a line that does not end within the limit of 8,388,608 bytes for a line "
    "and 131,072 characters for a cell; check that it is a CSV, and that every quote is closed"
)
PAGE_ENTITIES = (
    "it declares entities of its own, as no rendered page does; export the table itself as CSV"
)
BOOK_ENTITIES = (
    "it declares entities of its own inside, as workbooks never do; "
    "save it again as XLSX or CSV with a spreadsheet"
)
NESTING = "more than 32 tables stand inside each other, the limit; export the table itself as CSV"
COLUMNS = "it has 1,000,000 columns and the limit is 4,096; export only the part that is needed"
PAGE_COLUMNS = "it has 4,097 columns and the limit is 4,096; export only the part that is needed"
PAGE_CELL = "a cell has more than 100,000 characters, the limit; export the table itself as CSV"
TAG = "a tag has more than 65,536 characters, the limit; export the table itself as CSV"
SPAN = (
    "a table spans more than 1,000,000 cells, the limit for a page; export the table itself as CSV"
)


def too_many(what: str) -> str:
    return f"it has more than {what}, the limit for a page; export the table itself as CSV"


FAR = (
    "a sheet spans 17,179,869,184 cells and fills 2 of them; "
    "delete what lies far outside the table, or save it as CSV"
)
BOOK_CELL = (
    "a cell has more than 100,000 characters, the limit; "
    "a table of answers or tracks has no such cell, check where it comes from"
)
PARQUET_CELL = (
    "a cell in column 'a' has 2,097,152 characters and the limit is 100,000; "
    "a table of answers or tracks has no such cell, check where the file comes from"
)
CASES = [
    pytest.param(gzip_bomb, ".csv.gz", RATIO, id="ten gigabytes in gzip"),
    pytest.param(gzip_line, ".csv.gz", LINE, id="a line of a gigabyte in gzip"),
    pytest.param(zip_bomb, ".xlsx", RATIO, id="a sheet packed a thousand to one"),
    pytest.param(lying_zip_bomb, ".xlsx", RATIO, id="a sheet that lies about its size"),
    pytest.param(nested_zip_bomb, ".xlsx", RATIO, id="an archive in the archive"),
    pytest.param(entity_bomb_in_strings, ".xlsx", BOOK_ENTITIES, id="a billion laughs in strings"),
    pytest.param(entity_bomb_in_page, ".html", PAGE_ENTITIES, id="a billion laughs in a page"),
    pytest.param(gigabyte_line, ".csv", LINE, id="a line of a gigabyte"),
    pytest.param(nested_tables, ".html", NESTING, id="a hundred thousand nested tables"),
    pytest.param(million_columns, ".csv", COLUMNS, id="a million columns"),
    pytest.param(
        many_columns_in_page, ".html", PAGE_COLUMNS, id="four hundred thousand columns in a page"
    ),
    pytest.param(huge_cell, ".csv", LINE, id="a cell of a hundred megabytes"),
    pytest.param(huge_cell_of_lines, ".csv", LINE, id="a quoted cell of many lines"),
    pytest.param(huge_cell_in_page, ".html", PAGE_CELL, id="a cell of thirty megabytes in a page"),
    pytest.param(attributes_in_one_tag, ".html", TAG, id="five million attributes in a tag"),
    pytest.param(
        attributes_in_many_tags,
        ".html",
        too_many("1,000,000 attributes of tags"),
        id="fifteen million attributes in a page",
    ),
    pytest.param(quote_without_end, ".html", TAG, id="a quote in a tag that never ends"),
    pytest.param(page_of_tables, ".html", too_many("1,000 tables"), id="a page of tables"),
    pytest.param(page_of_tags, ".html", too_many("1,000,000 tags"), id="a page of tags"),
    pytest.param(page_of_rows, ".html", too_many("1,000,000 tags"), id="a page of rows"),
    pytest.param(one_long_row, ".html", SPAN, id="one long row above many short ones"),
    pytest.param(dictionary_bomb, ".parquet", RATIO, id="one long text in each row of a Parquet"),
    pytest.param(packed_bomb, ".parquet", RATIO, id="long texts that a Parquet packs well"),
    pytest.param(rows_from_nothing, ".parquet", RATIO, id="one number in each row of a Parquet"),
    pytest.param(
        huge_cell_in_parquet, ".parquet", PARQUET_CELL, id="a cell of two megabytes in a Parquet"
    ),
    pytest.param(far_cell, ".xlsx", FAR, id="a cell at the far end of a sheet"),
    pytest.param(repeated_string, ".xlsx", REPEATED, id="a long string that many cells name"),
    pytest.param(huge_cell_in_workbook, ".xlsx", BOOK_CELL, id="a huge cell in a workbook"),
]
_READ = """
import resource, sys
from pathlib import Path
from moodtune.errors import HostileTableError
from moodtune.tables.reading import read_table
try:
    read_table(Path(sys.argv[1]))
except HostileTableError as error:
    print(error)
try:
    status = Path("/proc/self/status").read_text()
    # The peak of this program alone: the other figure begins with that of the one that started it.
    print(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
except OSError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize(("make", "ending", "sentence"), CASES)
def test_a_hostile_file_is_refused_in_one_sentence_and_little_memory(
    tmp_path, make, ending, sentence
):
    path = tmp_path / f"table{ending}"
    make(path)
    run = subprocess.run(
        [sys.executable, "-c", _READ, path], capture_output=True, text=True, timeout=60, check=True
    )
    said, peak_kib = run.stdout.splitlines()
    path.unlink()
    assert said == f"{path.name}: {sentence}"
    assert int(peak_kib) < 300 * 1024


def test_the_workbook_that_the_bombs_are_made_of_is_read_when_it_is_honest(tmp_path):
    write_workbook(tmp_path / "honest.xlsx", HONEST_ROWS)
    table = read_table(tmp_path / "honest.xlsx")
    assert table.frame.to_dict(as_series=False) == {"a": ["1"]}


def test_gzip_of_several_members_is_read_to_its_end(tmp_path):
    path = tmp_path / "honest.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * 3) + gzip.compress(b"1,2\n"))
    assert read_table(path).frame.rows() == [("a", "b"), ("a", "b"), ("1", "2")]


def test_the_archive_built_by_hand_is_read_when_it_is_honest(tmp_path):
    parts = [
        (name, repeated_deflate(text.encode(), 1), len(text))
        for name, text in workbook_parts(HONEST_ROWS).items()
    ]
    path = tmp_path / "hand.xlsx"
    path.write_bytes(zip_of(parts))
    assert read_table(path).frame.rows() == [("1",)]


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (
            {"columns": 1},
            "it has 2 columns and the limit is 1; export only the part that is needed",
        ),
        ({"rows": 1}, "it has 2 rows and the limit is 1; export only the part that is needed"),
        ({"cells": 3}, "it has 4 cells and the limit is 3; export only the part that is needed"),
        (
            {"file_bytes": 10},
            (
                "it is larger than 10 bytes, the limit; "
                "split it, or keep only the columns that are needed"
            ),
        ),
        (
            {"cell_characters": 3},
            (
                "the cell in row 2, column 'b' has 4 characters and the limit is 3; "
                "a table of answers or tracks has no such cell, check where the file comes from"
            ),
        ),
    ],
)
def test_each_limit_is_a_setting(tmp_path, limits, sentence):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,äöü4\n")
    assert read_table(path).frame.rows() == [("1", "2"), ("3", "äöü4")]
    with pytest.raises(HostileTableError, match=f"^{re.escape('t.csv: ' + sentence)}$"):
        read_table(path, limits=TableLimits(**limits))


def test_a_cell_counts_in_characters_and_not_in_bytes(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a\näöü\n")
    assert read_table(path, limits=TableLimits(cell_characters=3)).frame.rows() == [("äöü",)]


def test_a_file_larger_than_the_expanded_limit_is_refused_in_gzip(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * 100))
    assert read_table(path, limits=TableLimits(expanded_bytes=400)).frame.height == 99
    with pytest.raises(
        HostileTableError,
        match=r"^t\.csv\.gz: it expands to more than 399 bytes, the limit; "
        r"export only the part that is needed, or save it as Parquet$",
    ):
        read_table(path, limits=TableLimits(expanded_bytes=399))


def test_a_parquet_file_may_not_say_more_of_its_columns_than_the_limit(tmp_path):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": range(100)}).write_parquet(path, row_group_size=10)
    length = int.from_bytes(path.read_bytes()[-8:-4], "little")
    assert read_table(path, limits=TableLimits(footer_bytes=length)).frame.height == 100
    with pytest.raises(
        HostileTableError,
        match=rf"^t\.parquet: what it says of its columns is longer than {length - 1:,} bytes, the "
        r"limit; write it again with fewer row groups, or as CSV$",
    ):
        read_table(path, limits=TableLimits(footer_bytes=length - 1))


def test_a_parquet_table_may_repeat_a_text_but_not_without_end(tmp_path):
    frame = pl.DataFrame({"a": ["long " * 100] * 1_000, "b": [["x", "y" * 500]] * 1_000})
    frame.write_parquet(tmp_path / "t.parquet")
    expanded = 2 * 8 * 1_000 + 500 * 1_000 + 501 * 1_000
    limits = TableLimits(expanded_bytes=expanded, free_expansion_bytes=expanded)
    assert read_table(tmp_path / "t.parquet", limits=limits).frame.equals(frame)
    for limits in (
        TableLimits(expanded_bytes=expanded - 1),
        TableLimits(free_expansion_bytes=expanded - 1),
    ):
        with pytest.raises(HostileTableError, match=r"^t\.parquet: it expands to more than "):
            read_table(tmp_path / "t.parquet", limits=limits)


def test_a_workbook_whose_cells_do_not_say_where_they_stand_is_refused(tmp_path):
    path = tmp_path / "t.xlsx"
    write_workbook(path, "<row><c><v>1</v></c></row>")
    with pytest.raises(
        TableError,
        match=r"^t\.xlsx: cells of a sheet do not say where they stand; "
        r"save it again as XLSX with a spreadsheet$",
    ):
        read_table(path)


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Binary, pl.Enum(["long " * 100])])
def test_texts_of_every_kind_count_in_a_parquet_table(tmp_path, kind):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": pl.Series(["long " * 100] * 1_000).cast(kind)}).write_parquet(path)
    assert read_table(path, limits=TableLimits(expanded_bytes=508_000)).frame.height == 1_000
    with pytest.raises(HostileTableError, match=r"^t\.parquet: it expands to more than 507,999 "):
        read_table(path, limits=TableLimits(expanded_bytes=507_999))


@pytest.mark.parametrize(("long_ones", "refused"), [(1, False), (500, True)])
def test_a_workbook_may_hold_a_long_text_but_not_repeat_it_without_end(
    tmp_path, long_ones, refused
):
    path = tmp_path / "t.xlsx"
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>{int(n > long_ones)}</v></c></row>'
        for n in range(1, 1001)
    )
    write_workbook(path, rows, f"<si><t>{'long ' * 1000}</t></si><si><t>x</t></si>")
    limits = TableLimits(workbook_bytes=MIB)
    if refused:
        sentence = f"t.xlsx: {REPEATED.replace('1,073,741,824', '1,048,576')}"
        with pytest.raises(HostileTableError, match=f"^{re.escape(sentence)}$"):
            read_table(path, limits=limits)
    else:
        assert read_table(path, limits=limits).frame.height == 999


def test_short_rows_under_a_wide_header_are_refused_before_they_are_filled_up(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{i}" for i in range(4096)) + "\n" + "1\n" * 20_000)
    with pytest.raises(HostileTableError, match="leave out the columns that hardly any row fills"):
        read_table(path)
    path.write_text(",".join(f"c{i}" for i in range(200)) + "\n" + "1,2,3,4,5\n" * 5_000)
    assert read_table(path).frame.shape == (5_000, 200)


def test_zeros_after_a_gzip_member_are_padding(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n") + bytes(512) + gzip.compress(b"3,4\n") + bytes(9))
    assert read_table(path).frame.rows() == [("1", "2"), ("3", "4")]


def test_a_link_to_itself_and_a_pipe_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(TableError, match=r"pipe\.csv: it is no ordinary file"):
        read_table(tmp_path / "pipe.csv")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    with pytest.raises(TableError, match=r"loop\.csv is a link that leads nowhere"):
        table_files(folder)


@pytest.mark.parametrize("read", [read_table, table_files, open_long_table])
def test_a_name_that_is_too_long_is_refused(tmp_path, read):
    with pytest.raises(TableError, match="it cannot be read: File name too long"):
        read(tmp_path / ("x" * 300 + ".csv"))
