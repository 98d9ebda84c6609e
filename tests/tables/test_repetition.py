"""What shared strings come to when many cells name them, on a sheet small enough to add up."""

import numpy as np

from moodtune.tables.repetition import repeated_bytes, string_bytes

STRINGS = b"<sst><si><t>abc</t></si><si/><x:si ><t>a</t></x:si></sst>"


def test_each_string_counts_with_its_markup_up_to_the_next():
    expected = [len(b"<si><t>abc</t></si>"), len(b"<si/>"), len(b"<x:si ><t>a</t></x:si></sst>")]
    assert string_bytes([STRINGS]).tolist() == expected
    # Cut where a tag begins, as the parts of a workbook are.
    cut = STRINGS.index(b"<si/>")
    assert string_bytes([STRINGS[:cut], STRINGS[cut:]]).tolist() == expected


def test_a_sheet_comes_to_the_sum_of_what_its_cells_name():
    lengths = np.array([10, 200])
    sheet = [b"<c><v>0</v></c><c><v>1</v></c>", b"<c><v>0.5</v></c><c><x:v> 1 </x:v></c><v>7</v>"]
    assert repeated_bytes(sheet, lengths) == 10 + 200 + 200


def test_an_index_written_with_an_escape_counts_as_the_longest_string():
    assert repeated_bytes([b"<v>&#48;</v><v>0</v>"], np.array([10, 200])) == 200 + 10


def test_a_sheet_without_values_comes_to_nothing():
    assert repeated_bytes([b"<sheetData/>", b""], np.array([10])) == 0
