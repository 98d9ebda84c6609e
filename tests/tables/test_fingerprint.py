"""The fingerprint of a table: of what it says, not of the order it says it in."""

import dataclasses

import polars as pl
import pytest

from moodtune.tables.table import Table

TABLE = Table(
    name="t.csv",
    sha256="0" * 64,
    kind="csv",
    frame=pl.DataFrame({"a": ["1", "2", None], "b": [["x"], [], None]}),
)


def of(frame: pl.DataFrame) -> str:
    return dataclasses.replace(TABLE, frame=frame).rows_sha256()


def test_rows_in_another_order_have_the_same_fingerprint():
    assert of(TABLE.frame.reverse()) == TABLE.rows_sha256()


@pytest.mark.parametrize(
    "other",
    [
        TABLE.frame.with_columns(a=pl.Series(["1", "2", "3"])),
        TABLE.frame.with_columns(b=pl.Series([["y"], [], None])),
        TABLE.frame.rename({"a": "c"}),
        TABLE.frame.head(2),
        pl.concat([TABLE.frame, TABLE.frame.head(1)]),
    ],
    ids=["a cell", "a list", "a column's name", "a row less", "a row twice"],
)
def test_a_table_that_says_something_else_has_another_fingerprint(other):
    assert of(other) != TABLE.rows_sha256()
