"""From what people type to a Query: shares, ranges, and the files that limits name."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moodtune.errors import ColumnError, UsageError

if TYPE_CHECKING:
    import polars as pl

_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)"
_RANGE = re.compile(rf"\s*{_NUMBER}\s*-\s*{_NUMBER}\s*")


def parse_blend(text: str) -> dict[str, float]:
    """Return the shares in ``melancholy=.6,calm=.4``; UsageError if it cannot be read.

    >>> parse_blend("melancholy=.6, calm=.4")
    {'melancholy': 0.6, 'calm': 0.4}
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, equals, share = (piece.strip() for piece in part.partition("="))
        value = _number(share)
        if not (name and equals) or value is None:
            raise UsageError(
                f"--blend: expected MOOD=SHARE, as in melancholy=.6,calm=.4, got {part.strip()!r}"
            )
        if name in shares:
            raise UsageError(f"--blend: {name} is named twice; give each mood one share")
        shares[name] = value
    return shares


def parse_range(option: str, text: str) -> tuple[float, float]:
    """Return the ends of a range such as ``90-120``; UsageError if it cannot be read.

    >>> parse_range("--tempo", "90-120")
    (90.0, 120.0)
    """
    found = _RANGE.fullmatch(text)
    if found is None:
        raise UsageError(f"{option}: expected two numbers, as in 90-120, got {text!r}")
    return float(found[1]), float(found[2])


def parse_years(text: str) -> tuple[int, int]:
    """Return the first and last year of ``1970-1999``, or twice the one of ``1970``."""
    first, last = parse_range("--year", f"{text}-{text}" if text.strip().isdecimal() else text)
    if first % 1 or last % 1:
        raise UsageError(f"--year: expected whole years, as in 1970-1999, got {text!r}")
    return int(first), int(last)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_exclusions(path: Path) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the ids and the (title, artists) of a table of songs that must not be listed.

    It has a column ``track_id``, or ``title`` and ``artist``, or both; blank cells say nothing.
    Artists of one song are joined by ``;`` or ``, ``. A table without rows leaves nothing out.
    TableError for the table.
    """
    from moodtune.catalog.aliases import listed, map_columns
    from moodtune.catalog.schema import ARTISTS, TITLE, TRACK_ID
    from moodtune.tables.reading import read_table
    from moodtune.tables.table import shown

    frame = read_table(path, may_be_empty=True).frame
    columns = map_columns(frame.columns).columns
    by_song = TITLE in columns and ARTISTS in columns
    if TRACK_ID not in columns and not by_song:
        raise ColumnError(
            f"{shown(path)}: expected a column track_id, or the columns title and artist, to know "
            f"which songs to leave out; its columns are: {listed(frame.columns)}"
        )
    ids = _ids(frame, columns[TRACK_ID]) if TRACK_ID in columns else ()
    return ids, _songs(frame, columns[TITLE], columns[ARTISTS]) if by_song else ()


def _ids(frame: "pl.DataFrame", column: str) -> tuple[str, ...]:
    from moodtune.catalog import cells

    ids = frame.select(cells.track_id(column).alias("id")).to_series()
    return tuple(ids.drop_nulls().unique(maintain_order=True))


def _songs(frame: "pl.DataFrame", title: str, artists: str) -> tuple[tuple[str, str], ...]:
    import polars as pl

    from moodtune.catalog import cells

    titles = frame[title].cast(pl.String)
    names = cells.names(frame[artists]).list.join(";")
    pairs = pl.DataFrame({"title": titles, "artists": names}).drop_nulls()
    pairs = pairs.filter(pl.col("artists") != "").unique(maintain_order=True)
    return tuple((str(song), str(by)) for song, by in pairs.iter_rows())


def query_values(
    *,
    blend: str | None,
    year: str | None,
    tempo: str | None,
    exclude: Path | None,
    likes: Path | None = None,
    feedback: Path | None = None,
    shown: Path | None = None,
    today: str | None = None,
    **plain: object,
) -> Mapping[str, Any]:
    """Return the values of a Query: texts parsed, files read, and what was not said left out."""
    values = {name: value for name, value in plain.items() if value is not None}
    if blend is not None:
        values["blend"] = parse_blend(blend)
    if year is not None:
        values["year"] = parse_years(year)
    if tempo is not None:
        values["tempo"] = parse_range("--tempo", tempo)
    if exclude is not None:
        values["exclude"], values["exclude_songs"] = read_exclusions(exclude)
    return values | _personal_values(likes, feedback, shown, today)


def _personal_values(
    likes: Path | None, feedback: Path | None, shown: Path | None, today: str | None
) -> dict[str, Any]:
    from moodtune.preferences.events import read_feedback, read_shown

    values: dict[str, Any] = {}
    if likes is not None:
        values["likes"] = read_liked(likes)
    if feedback is not None:
        values["feedback"] = read_feedback(feedback)
    if shown is not None:
        values["shown"] = read_shown(shown)
    if today is not None or feedback is not None or shown is not None:
        # The clock is read here and nowhere deeper: the same Query gives the same list.
        values["today"] = datetime.now(UTC).date().isoformat() if today is None else today
    return values


def read_liked(path: Path) -> tuple[str, ...]:
    """Return the ids of a table of ``track_id``, each once; TableError for the table.

    A table without rows is of somebody who likes nothing so far.
    """
    from moodtune.preferences.matching import id_column
    from moodtune.tables.reading import read_table

    table = read_table(path, may_be_empty=True)
    return _ids(table.frame, id_column(table.frame.columns, table.name))
