"""What a Parquet file says of its size."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodtune.errors import TableError
from moodtune.tables.footer import FooterError, expanded_bytes
from moodtune.tables.reading import read_table


def test_the_size_of_columns_before_compression_is_read(tmp_path):
    path = tmp_path / "t.parquet"
    frame = pl.DataFrame({f"n{n}": pl.int_range(1_000, eager=True) * n for n in range(1, 40)})
    for compression in ("uncompressed", "zstd"):
        frame.write_parquet(path, compression=compression, row_group_size=300)
        written = 39 * 1_000 * 8
        assert written <= expanded_bytes(path) < 1.2 * written


def test_lists_flags_and_dates_do_not_stand_in_the_way(tmp_path):
    path = tmp_path / "t.parquet"
    frame = pl.DataFrame({"a": [["x"], []], "b": [True, None], "c": [date(2020, 1, 1)] * 2})
    frame.write_parquet(path)
    assert 0 < expanded_bytes(path) < path.stat().st_size


@given(st.binary(max_size=200))
def test_no_footer_does_more_than_be_refused(tmp_path_factory, footer):
    path = tmp_path_factory.mktemp("footer") / "t.parquet"
    path.write_bytes(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    try:
        assert expanded_bytes(path) >= 0
    except FooterError:
        with pytest.raises(
            TableError, match=r"^t\.parquet: this Parquet file is damaged or cut off"
        ):
            read_table(path)
