"""Recommendations as JSON and as CSV."""

from collections.abc import Mapping

import msgspec
import polars as pl

from moodtune.ranking.query import Recommendation, Recommendations
from moodtune.ranking.score_parts import PARTS
from moodtune.tables.text import escape_controls, guard_formulas

_TEXT, _WHOLE, _NUMBER = pl.String(), pl.Int64(), pl.Float64()

#: The columns of a list, whatever is asked: a part that the scores do not have is blank.
_COLUMNS: Mapping[str, pl.DataType] = {
    "rank": _WHOLE,
    "track_id": _TEXT,
    "title": _TEXT,
    "artist": _TEXT,
    "mood": _TEXT,
    "score": _NUMBER,
    "why": _TEXT,
    "url": _TEXT,
    "instead_of": _TEXT,
    **dict.fromkeys(PARTS, _NUMBER),
    "shown_days_ago": _WHOLE,
    "beside_rank": _WHOLE,
    "beside_track_id": _TEXT,
    "similarity": _NUMBER,
}


def to_json(answer: Recommendations) -> str:
    """Return the answer as one JSON object, indented, with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n"


def to_csv(answer: Recommendations) -> str:
    """Return the rows as CSV with a header, also when there are none.

    The parts of the score have a column each, and what a track stands beside has three; the
    features, and the stops of a journey, are in ``why`` alone, and where a track lies on the plane
    is in the JSON. Formula cells are guarded and control characters escaped, as in every CSV that
    is written.
    """
    rows = [_row(told) for told in answer.recommendations]
    frame = pl.DataFrame(rows, schema=_COLUMNS)
    return guard_formulas(escape_controls(frame)).write_csv()


def _row(told: Recommendation) -> dict[str, object]:
    row: dict[str, object] = {
        name: getattr(told, name) for name in _COLUMNS if name in Recommendation.__struct_fields__
    }
    row |= {part: told.parts.get(part) for part in PARTS}
    near = told.beside
    row["beside_rank"] = None if near is None else near.rank
    row["beside_track_id"] = None if near is None else near.track_id
    row["similarity"] = None if near is None else near.similarity
    return row
