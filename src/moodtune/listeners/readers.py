"""Files to Listeners: which column is what, what the moods mean, which rows cannot be used."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from moodtune.catalog.schema import Source
from moodtune.errors import ColumnError
from moodtune.listeners.answers import as_text, fold
from moodtune.listeners.columns import ID_NAMES, find_columns, letters, nearest
from moodtune.listeners.mood_cells import MoodCells, column_of_moods, read_mood_cells
from moodtune.listeners.repeats import find_repeats
from moodtune.listeners.settings import ListenerSettings
from moodtune.listeners.table import REJECTED_LISTENER_DTYPES, Listeners
from moodtune.tables.limits import TableLimits
from moodtune.tables.reading import read_table
from moodtune.tables.table import Table
from moodtune.tables.text import literal

#: No name, or what pandas reads as one; of several, the later have their number behind.
_UNNAMED = re.compile(r"(unnamed: .*)?\s*(\(\d+\))?")


def read_listeners(
    path: Path,
    phrases: Mapping[str, str] | None,
    settings: ListenerSettings | None = None,
    *,
    limits: TableLimits | None = None,
    known_columns: Collection[str] = (),
) -> Listeners:
    """Read a behavior table.

    ``phrases`` says which mood each phrase of the mood column means; with it the mood column must
    be there, and rows that say something else are rejected. With None, as for listeners whose
    mood is to be predicted, the mood column is left out where there is one, and every row is kept.
    ``known_columns`` helps to find the table among several of a page.

    Raises ColumnError where the mood column or the id column is missing or says nothing that is
    known, TableError for a file that cannot be read, HostileTableError beyond ``limits``.
    """
    settings = settings or ListenerSettings()
    wanted = [settings.mood_column] if phrases is not None else known_columns
    table = read_table(
        path,
        limits=limits or TableLimits(),
        wanted=(lambda names: bool(find_columns(wanted, names))) if wanted else None,
    )
    return listeners_of(table, phrases, settings)


def listeners_of(
    table: Table, phrases: Mapping[str, str] | None, settings: ListenerSettings
) -> Listeners:
    """Return the listeners of a table that was read; see `read_listeners`."""
    where = literal(table.name)
    frame = table.frame.select(as_text(column) for column in table.frame.iter_columns())
    mood = _mood_column(frame, settings, where, phrases)
    dropped = _no_answers(frame, settings, where, mood)
    id_column, id_note = _id_column(frame, settings, where, mood)
    if id_column:
        dropped[id_column] = "the listeners' id"
    ids = frame[id_column].to_list() if id_column else [str(i) for i in range(frame.height)]
    cells = read_mood_cells(frame[mood], phrases, where) if mood and phrases is not None else None
    rejections = _rejections(table.name, ids, id_column, cells, mood)
    kept = np.ones(frame.height, dtype=np.bool_)
    kept[rejections["row"].to_numpy() - 1] = False
    answers = frame.filter(pl.Series(kept)).drop(*dropped)
    labels = cells.labels(kept) if cells else None
    constant = _constant_columns(answers) if phrases is not None else {}
    counters = _counters(answers) if phrases is not None else {}
    answers = answers.drop(*constant, *counters)
    repeats, repeat_notes = find_repeats(answers, labels)
    return Listeners(
        ids=tuple(listener for listener, keep in zip(ids, kept, strict=True) if keep),
        answers=answers,
        labels=labels,
        repeats=repeats,
        rejections=rejections,
        n_read=frame.height,
        source=_source(table, id_column, mood, (*dropped, *constant, *counters)),
        constant_columns=tuple(constant),
        dropped={**dropped, **constant, **counters},
        notes=(*id_note, *repeat_notes),
    )


def _source(
    table: Table, id_column: str | None, mood: str | None, dropped: Sequence[str]
) -> Source:
    columns = {"id": id_column, "mood": mood}
    return Source(
        name=table.name,
        sha256=table.rows_sha256(),
        n_rows=table.frame.height,
        columns={name: column for name, column in columns.items() if column},
        unused_columns=tuple(c for c in dropped if c not in columns.values()),
    )


def _mood_column(
    frame: pl.DataFrame,
    settings: ListenerSettings,
    where: str,
    phrases: Mapping[str, str] | None,
) -> str | None:
    name = find_columns([settings.mood_column], frame.columns).get(settings.mood_column)
    if name is None and phrases is not None:
        meant = column_of_moods(frame, phrases)
        hint = f"did you mean {meant!r}?" if meant else nearest(settings.mood_column, frame.columns)
        raise ColumnError(
            f"{where}: expected a column {settings.mood_column!r} with the listeners' moods, and "
            f"there is none; {hint} "
            "Name the column with --mood-column"
        )
    return name


def _no_answers(
    frame: pl.DataFrame, settings: ListenerSettings, where: str, mood: str | None
) -> dict[str, str]:
    """Return the columns that are no answers by their name or by request, and why."""
    ignored = find_columns(settings.ignore_columns, frame.columns)
    for name in settings.ignore_columns:
        # A table to predict may lack what the training table had.
        if name not in ignored and mood is not None:
            raise ColumnError(
                f"{where}: expected a column {name!r} to ignore, and there is none; "
                f"{nearest(name, frame.columns)}"
            )
    dropped = {name: "has no name" for name in frame.columns if _is_unnamed(name)}
    dropped |= dict.fromkeys(ignored.values(), "ignored as asked")
    return dropped | ({mood: "the listeners' moods"} if mood else {})


def _is_unnamed(name: str) -> bool:
    return _UNNAMED.fullmatch(name.strip().casefold()) is not None


def _id_column(
    frame: pl.DataFrame, settings: ListenerSettings, where: str, mood: str | None
) -> tuple[str | None, list[str]]:
    """Return the id column, if there is one, and what a reader should know about it."""
    if settings.id_column is not None:
        name = find_columns([settings.id_column], frame.columns).get(settings.id_column)
        if name is None:
            raise ColumnError(
                f"{where}: expected an id column {settings.id_column!r}, and there is none; "
                f"{nearest(settings.id_column, frame.columns)}"
            )
        fault = _id_fault(frame, name)
        if fault:
            raise ColumnError(
                f"{where}: column {name!r} cannot tell listeners apart: {fault}; "
                "leave --id-column out to number the rows instead"
            )
        return name, []
    named = [name for name in frame.columns if letters(name) in ID_NAMES and name != mood]
    for name in named:
        if not _id_fault(frame, name):
            return name, []
    return None, [
        f"Column {name!r} is named like an id and is none, for {_id_fault(frame, name)}: "
        "listeners are numbered by row."
        for name in named
    ]


def _id_fault(frame: pl.DataFrame, name: str) -> str | None:
    """Return why a column cannot be the id; rows alike from end to end are one listener."""
    if blank := frame[name].null_count():
        return f"{blank:,} rows are blank" if blank > 1 else "1 row is blank"
    shared = frame.unique()[name].is_duplicated().sum()
    return f"{shared:,} rows share theirs with others" if shared else None


def _rejections(
    name: str, ids: list[str], id_column: str | None, cells: MoodCells | None, mood: str | None
) -> pl.DataFrame:
    """Return the rows that cannot be used: another mood than is known, or an id said before."""
    rejected = {
        row: (mood, cell, reason)
        for row, (cell, reason) in (cells.rejected() if cells else {}).items()
    }
    for row, before in _said_before(ids).items() if id_column else ():
        reason = f"the same as row {before + 1} from end to end"
        rejected.setdefault(row, (id_column, ids[row], reason))
    rows = [(name, row + 1, ids[row], *rejected[row]) for row in sorted(rejected)]
    return pl.DataFrame(rows, schema=dict(REJECTED_LISTENER_DTYPES), orient="row")


def _said_before(ids: list[str]) -> dict[int, int]:
    """Return the rows whose id an earlier row has, and that row."""
    first: dict[str, int] = {}
    before = ((row, first.setdefault(listener, row)) for row, listener in enumerate(ids))
    return {row: earlier for row, earlier in before if earlier != row}


def _constant_columns(answers: pl.DataFrame) -> dict[str, str]:
    """Return the columns that say the same in every row."""
    constant = {}
    for column in answers.iter_columns():
        if len(column) and column.n_unique() == 1:
            blank = column.null_count() == len(column)
            constant[column.name] = "blank in every row" if blank else "the same in every row"
    return constant


def _counters(answers: pl.DataFrame) -> dict[str, str]:
    """Return the columns that count the rows: whole numbers without a gap, each of them once."""
    return {
        column.name: "counts the rows"
        for column in answers.iter_columns()
        if len(column) > 1 and _counts_rows(column)
    }


def _counts_rows(column: pl.Series) -> bool:
    numbers = fold(column).cast(pl.Int64, strict=False)
    if numbers.null_count() or numbers.n_unique() < len(numbers):
        return False
    low, high = numbers.min(), numbers.max()
    return isinstance(low, int) and isinstance(high, int) and high - low == len(numbers) - 1
