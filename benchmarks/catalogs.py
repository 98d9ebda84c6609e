"""Catalogs of any size to measure on, and the models of them: made by the command, as users do."""

import sys
from pathlib import Path

import polars as pl
from measuring import run_fresh

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.samples import SampleSettings, sample_tracks, write_samples
from moodtune.seeding import derive

#: Tracks of the catalogs, and with ten million of them.
SIZES, FULL = (100_000, 1_000_000), (100_000, 1_000_000, 10_000_000)

SAMPLE, UNIFORM, JITTERED = "sample", "uniform", "real, jittered"
_REAL, _TITLE = "catalog/songs_257k.parquet", "track"
_SEED = 7

#: Of a feature's spread, which is added to it where real tracks are drawn more than once.
JITTER = 0.05


def uniform(n: int) -> pl.DataFrame:
    """Return what `moodtune sample` gives, with features that are uniform, each by itself."""
    tracks, rng = sample_tracks(n, _SEED), derive(_SEED, "uniform features")
    return tracks.with_columns(
        pl.Series(name, rng.uniform(tracks[name].min(), tracks[name].max(), n))
        for name in AUDIO_FEATURES
        if name in tracks.columns
    )


def jittered(n: int, data: Path) -> pl.DataFrame:
    """Return real tracks drawn with replacement, under other ids, their features a little moved."""
    real, rng = pl.read_parquet(data / _REAL), derive(_SEED, "jittered tracks")
    drawn = real[rng.integers(real.height, size=n)]
    numbers = pl.int_range(n, eager=True).cast(pl.String).str.zfill(9)
    moved = {
        name: (drawn[name] + rng.normal(0, JITTER * real[name].std(), n)).clip(
            real[name].min(), real[name].max()
        )
        for name in AUDIO_FEATURES
        if name in real.columns
    }
    # Titles are made different too: the same song twice would be merged.
    return drawn.with_columns(
        pl.concat_str(pl.lit("jittered"), numbers).alias("track_id"),
        pl.concat_str(pl.col(_TITLE), pl.lit(" "), numbers).alias(_TITLE),
        **moved,
    )


def kinds(data: Path | None) -> tuple[str, ...]:
    """Return the kinds of catalogs that can be made."""
    there_is = data is not None and (data / _REAL).exists()
    return (SAMPLE, UNIFORM, JITTERED) if there_is else (SAMPLE, UNIFORM)


def written(kind: str, n: int, data: Path | None, folder: Path) -> Path:
    """Return a table of ``n`` tracks of a kind, written into ``folder``."""
    if kind == SAMPLE:
        return write_samples(
            folder / SAMPLE, SampleSettings(tracks=n, listeners=1, file_format="parquet")
        ).tracks
    path = folder / "tracks.parquet"
    tracks = uniform(n) if data is None or kind == UNIFORM else jittered(n, data)
    tracks.write_parquet(path)
    return path


def made(kind: str, n: int, data: Path | None, scratch: Path) -> Path:
    """Return the model of ``n`` tracks of a kind, trained in a process of its own, once."""
    folder = scratch / f"{kind}-{n}".replace(", ", "-")
    if folder.exists():
        return folder / "out" / "model"
    folder.mkdir(parents=True)
    table = written(kind, n, data, folder)
    command = [sys.executable, "-m", "moodtune", "train", "--no-figures"]
    run_fresh([*command, "--catalog", str(table), "--out", str(folder / "out")], folder / "log")
    table.unlink()
    return folder / "out" / "model"
