"""Tables of listeners' profiles: read and checked before the first list is made."""

import hashlib
from pathlib import Path

import polars as pl

from moodtune.answering import new_profiles
from moodtune.artifacts import LISTENER_ID, PROBABILITY, SURE, ModelBundle
from moodtune.catalog.schema import TRACK_ID
from moodtune.errors import ColumnError, TableError
from moodtune.listeners.settings import ListenerSettings
from moodtune.moods.taxonomy import Taxonomy
from moodtune.tables.reading import read_table
from moodtune.tables.table import Table, shown

#: The column of track ids that a listener's list must not have.
EXCLUDE = "exclude"


def read_profiles(path: Path, taxonomy: Taxonomy) -> Table:
    """Return a row per listener: ``id``, a column per listener mood in [0, 1], maybe ``exclude``.

    The table is one that ``predict`` writes, or has the moods' bare names; its ``sure`` is passed
    over. TableError and ColumnError say what is wrong in the first row that is.
    """
    table = read_table(path)
    where, frame = shown(path), table.frame
    moods = {
        name: name.removeprefix(PROBABILITY)
        for name in frame.columns
        if name not in {LISTENER_ID, SURE, EXCLUDE}
    }
    _check_columns(where, frame, moods, taxonomy)
    kept = [pl.col(LISTENER_ID).cast(pl.String)]
    kept += [pl.col(name).cast(pl.Float64, strict=False).alias(m) for name, m in moods.items()]
    if EXCLUDE in frame.columns:
        kept.append(pl.col(EXCLUDE).cast(pl.List(pl.String)))
    profiles = frame.select(kept)
    _check_ids(where, profiles[LISTENER_ID])
    _check_values(where, profiles, list(moods.values()))
    _check_exclusions(where, profiles)
    return Table(name=table.name, sha256=table.sha256, frame=profiles, kind=table.kind)


def predicted_profiles(path: Path, bundle: ModelBundle) -> Table:
    """Return the same of a table of answers, as the model predicts it.

    QueryError if the model was trained without listeners; TableError for the table.
    """
    profiles = new_profiles(bundle, path, ListenerSettings())
    moods = {name: name.removeprefix(PROBABILITY) for name in profiles.columns}
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    frame = profiles.drop(SURE).rename(moods, strict=False)
    return Table(name=path.name, sha256=sha256, frame=frame, kind="parquet")


def _check_columns(
    where: str, frame: pl.DataFrame, moods: dict[str, str], taxonomy: Taxonomy
) -> None:
    if LISTENER_ID not in frame.columns:
        raise ColumnError(f"{where}: expected a column {LISTENER_ID}, which says who it is")
    names = ", ".join(mood.name for mood in taxonomy.listener_moods)
    known = {mood.name for mood in taxonomy.listener_moods}
    for column, mood in moods.items():
        if mood not in known:
            raise ColumnError(
                f"{where}: column {column!r} is no listener mood of this model; expected {names}"
            )
    if not moods or len(set(moods.values())) < len(moods):
        raise ColumnError(f"{where}: expected a column for each of some moods, once: {names}")
    if EXCLUDE in frame.columns and frame.schema[EXCLUDE] != pl.List(pl.String):
        raise ColumnError(
            f"{where}: column {EXCLUDE} must hold lists of {TRACK_ID}, got "
            f"{frame.schema[EXCLUDE]}; write the table as Parquet"
        )


def _check_exclusions(where: str, profiles: pl.DataFrame) -> None:
    if EXCLUDE not in profiles.columns:
        return
    holes = profiles.filter(pl.col(EXCLUDE).list.eval(pl.element().is_null()).list.any())
    if holes.height:
        raise TableError(
            f"{where}: {EXCLUDE} of listener {holes[LISTENER_ID][0]!r} has a blank where a "
            f"{TRACK_ID} must be; leave it out of the list"
        )


def _check_ids(where: str, ids: pl.Series) -> None:
    if ids.null_count():
        raise TableError(f"{where}: {ids.null_count()} listeners have no id; give each one")
    twice = ids.filter(ids.is_duplicated())
    if len(twice):
        raise TableError(f"{where}: listener {twice[0]!r} stands there twice; keep one row")


def _check_values(where: str, profiles: pl.DataFrame, moods: list[str]) -> None:
    for mood in moods:
        wrong = profiles.filter(pl.col(mood).is_between(0, 1).fill_null(value=False).not_())
        if wrong.height:
            raise TableError(
                f"{where}: {mood} of listener {wrong[LISTENER_ID][0]!r} must be from 0 to 1, "
                f"got {wrong[mood][0]}"
            )
    silent = profiles.filter(pl.sum_horizontal(moods) == 0)
    if silent.height:
        raise TableError(
            f"{where}: listener {silent[LISTENER_ID][0]!r} has no mood above 0; "
            "give one, or leave the row out"
        )
