"""Tiny track tables written as CSV, one dict per row."""

from pathlib import Path

import polars as pl
import pytest

#: A sound row; a test changes the cell that it is about.
SOUND = {
    "track_id": "a",
    "title": "Song",
    "artists": "Ann",
    "valence": "0.5",
    "energy": "0.5",
    "danceability": "0.5",
    "acousticness": "0.5",
    "loudness": "-8",
    "tempo": "120",
}


def sound(**cells):
    return {**SOUND, **cells}


@pytest.fixture
def row():
    return sound


@pytest.fixture
def write(tmp_path):
    """Write rows as a CSV and return its path; columns are those of any row, None is blank."""

    def written(*rows, name="tracks.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        cells = {column: [row.get(column) for row in rows] for column in columns}
        pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String)).write_csv(path)
        return path

    return written
