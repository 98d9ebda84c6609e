"""Recommendations as JSON and as CSV."""

import msgspec
import polars as pl

from moodtune.ranking.query import Recommendation, Recommendations
from moodtune.tables.text import escape_controls, guard_formulas

#: A mapping, which no cell can hold; ``why`` says the same in words.
_PARTS = "parts"


def to_json(answer: Recommendations) -> str:
    """Return the answer as one JSON object, indented, with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n"


def to_csv(answer: Recommendations) -> str:
    """Return the rows as CSV with a header, also when there are none.

    Formula cells are guarded and control characters escaped, as in every CSV that is written.
    """
    columns = [name for name in Recommendation.__struct_fields__ if name != _PARTS]
    rows = [{name: getattr(r, name) for name in columns} for r in answer.recommendations]
    frame = pl.DataFrame(rows, schema={c: _dtype(c) for c in columns})
    return guard_formulas(escape_controls(frame)).write_csv()


def _dtype(column: str) -> pl.DataType:
    return {"rank": pl.Int64(), "score": pl.Float64()}.get(column, pl.String())
