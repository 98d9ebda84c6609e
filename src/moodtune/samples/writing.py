"""Write samples as files, in the folders where ``train.py`` looks for tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
import polars as pl

from moodtune.atomic import atomic_file
from moodtune.errors import UsageError
from moodtune.samples.invented import is_sample
from moodtune.samples.listeners import sample_listeners
from moodtune.samples.tracks import BLOCK, TRACK_SCHEMA, iter_sample_tracks
from moodtune.tables.writing import one_after_another

TRACKS_FOLDER = Path("spotify-dataset", "data")
LISTENERS_FOLDER = Path("spotify-user-behavior-analysis")
LISTENERS_FILE = "sample_listeners.csv"
NOTE_FILE = "SYNTHETIC.txt"
NOTE = """\
The tables in these folders are synthetic: `moodtune sample` drew them from aggregate figures.
No track, artist or listener in them exists. The id of every track begins with "sample-".
"""
#: The longest table of tracks that is written as CSV unless another format is asked for.
CSV_TRACKS = 1_000_000
#: A table is known as a sample by its first rows.
_ROWS_TO_KNOW_IT = 20

#: Told after each batch how many tracks are written.
Progress = Callable[[int], None]


class SampleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``moodtune sample`` writes.

    ``file_format``  of the tracks; by default CSV up to a million of them, then Parquet
    """

    tracks: int = 20_000
    listeners: int = 520
    seed: int = 7
    file_format: Literal["csv", "parquet"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSamples:
    """Where the samples are."""

    tracks: Path
    listeners: Path
    note: Path  # says in a sentence that the tables are synthetic


def write_samples(
    out: Path, settings: SampleSettings, progress: Progress = lambda _: None
) -> WrittenSamples:
    """Write a sample's tables under ``out`` and return where; same settings, same bytes.

    Samples that are there already are replaced; any other table is left alone, and the whole
    refused. Tracks are drawn, written and forgotten batch by batch, whatever their number.
    Raises UsageError if a number is negative, or ``out`` holds tables that are no samples.
    """
    form = settings.file_format or ("csv" if settings.tracks <= CSV_TRACKS else "parquet")
    written = WrittenSamples(
        tracks=out / TRACKS_FOLDER / f"data.{form}",
        listeners=out / LISTENERS_FOLDER / LISTENERS_FILE,
        note=out / NOTE_FILE,
    )
    batches = iter_sample_tracks(settings.tracks, settings.seed, batch_size=BLOCK)
    listeners = sample_listeners(settings.listeners, settings.seed)
    outdated = [
        path for path in _samples_in(out) if path not in (written.tracks, written.listeners)
    ]
    with atomic_file(written.note) as path:
        path.write_text(NOTE, encoding="utf-8")
    with atomic_file(written.listeners) as path:
        listeners.write_csv(path)
    with atomic_file(written.tracks) as path:
        (_write_csv if form == "csv" else _write_parquet)(_counted(batches, progress), path)
    for path in outdated:
        path.unlink()
    return written


def _samples_in(out: Path) -> list[Path]:
    """Return the files in a sample's folders; refuse if any of them is no sample."""
    found = sorted(
        path
        for folder in (out / TRACKS_FOLDER.parts[0], out / LISTENERS_FOLDER)
        for path in folder.rglob("[!.]*")
        if path.is_file()
    )
    for path in found:
        if not _known_as_sample(path):
            raise UsageError(
                f"{path} is not a sample, and samples beside real tables would be taken for real; "
                "name another folder with --out, or move it away"
            )
    return found


def _known_as_sample(path: Path) -> bool:
    try:
        if path.suffix == ".parquet":
            return is_sample(pl.read_parquet(path, n_rows=_ROWS_TO_KNOW_IT))
        return is_sample(pl.read_csv(path, n_rows=_ROWS_TO_KNOW_IT, infer_schema=False))
    except (pl.exceptions.PolarsError, OSError):
        return False  # whatever this is, it is not what we wrote


def _counted(batches: Iterator[pl.DataFrame], progress: Progress) -> Iterator[pl.DataFrame]:
    done = 0
    for batch in batches:
        yield batch
        done += batch.height
        progress(done)


def _write_csv(batches: Iterator[pl.DataFrame], path: Path) -> None:
    with path.open("wb") as file:
        TRACK_SCHEMA.to_frame().write_csv(file)
        for batch in batches:
            batch.write_csv(file, include_header=False)


def _write_parquet(batches: Iterator[pl.DataFrame], path: Path) -> None:
    """Write one file of row groups."""
    one_after_another(batches, TRACK_SCHEMA).sink_parquet(
        path, row_group_size=BLOCK, compression="zstd", engine="streaming"
    )
