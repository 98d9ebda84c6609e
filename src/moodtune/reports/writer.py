"""The one writer: everything that a training reports, under one folder, each file whole or not."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from moodtune.atomic import atomic_file
from moodtune.catalog.schema import ARTISTS, TITLE, TRACK_ID
from moodtune.counting import Count, uncounted
from moodtune.moods.naming import clusters_json
from moodtune.reports import paths
from moodtune.reports.contents import ReportContents
from moodtune.reports.markdown import to_markdown
from moodtune.reports.quantities import DISTRIBUTED
from moodtune.reports.report import FiguresPart, LeftOutPart, to_json
from moodtune.reports.summary import summary
from moodtune.tables.writing import write_csv, write_parts

#: Tracks above which the clustered songs are Parquet: no spreadsheet opens so many rows.
MAX_CSV_TRACKS = 1_000_000

_NAME, _CLUSTER, _LABEL = "name", "mood_cluster", "mood_label"


def write_reports(
    out: Path, contents: ReportContents, *, figures: bool = True, count: Count = uncounted
) -> list[Path]:
    """Write the tables, figures and report of a training under ``out``; return what was written.

    Files of an earlier training that this one does not write are removed, so that all that lies
    there is of one training. Without ``figures`` no picture is drawn, and matplotlib not loaded.
    Raises UsageError where nothing can be written.
    """
    written = _write_tables(out, contents, count)
    drawn = _write_figures(out, contents) if figures else []
    report = summary(contents, _figures_part(contents, drawn, figures=figures))
    written += [paths.CLUSTERS_JSON, *drawn, paths.REPORT_JSON, paths.REPORT]
    songs = clusters_json(contents.named_clusters, contents.clustering, contents.nearest())
    _write(out / paths.CLUSTERS_JSON, songs.encode())
    _write(out / paths.REPORT_JSON, to_json(report))
    _write(out / paths.REPORT, to_markdown(report).encode())
    _remove_others(out, written)
    return [out / path for path in written]


def _write_tables(out: Path, contents: ReportContents, count: Count) -> list[str]:
    songs = _song_parts(contents, count)
    if len(contents.catalog) > MAX_CSV_TRACKS:
        written = [paths.CLUSTERED_SONGS_PARQUET]
        with atomic_file(out / paths.CLUSTERED_SONGS_PARQUET) as work:
            write_parts(songs, _song_schema(contents), work)
    else:
        written = [paths.CLUSTERED_SONGS]
        write_csv(pl.concat(songs), out / paths.CLUSTERED_SONGS)
    tables = {paths.REJECTIONS: contents.catalog.rejections}
    if contents.listeners is not None:
        tables[paths.ANSWER_WEIGHTS_CSV] = contents.listeners.weights
        tables[paths.LISTENER_REJECTIONS] = contents.listeners.listeners.rejections
    for path, table in tables.items():
        write_csv(table, out / path)
    return [*written, *tables]


def clustered_songs(contents: ReportContents) -> pl.DataFrame:
    """Return a row per kept track: id, name, artists, features, its cluster, the cluster's mood."""
    return pl.concat(_song_parts(contents, uncounted))


def _song_parts(contents: ReportContents, count: Count) -> Iterator[pl.DataFrame]:
    """Yield the rows of the clustered songs, many at a time."""
    moods = pl.Series(_LABEL, contents.cluster_moods, dtype=pl.String)
    start = 0
    for tracks in contents.catalog.parts((TRACK_ID, TITLE, ARTISTS, *contents.features.names)):
        numbers = contents.clusters[start : start + tracks.height]
        start += tracks.height
        clusters = pl.Series(_CLUSTER, numbers)
        yield tracks.rename({TITLE: _NAME}).with_columns(clusters, moods.gather(clusters))
        count("writing the clustered songs", start, len(contents.catalog))


def _song_schema(contents: ReportContents) -> pl.Schema:
    tracks = contents.catalog.schema
    features = {name: tracks[name] for name in contents.features.names}
    named = {TRACK_ID: tracks[TRACK_ID], _NAME: tracks[TITLE], ARTISTS: tracks[ARTISTS]}
    return pl.Schema({**named, **features, _CLUSTER: pl.Int32(), _LABEL: pl.String()})


def _write_figures(out: Path, contents: ReportContents) -> list[str]:
    from moodtune.reports.gallery import gallery
    from moodtune.reports.style import png

    drawn = []
    with _collecting() as collect:
        for picture in gallery(contents):
            _write(out / picture.path, png(picture.draw()))
            drawn.append(picture.path)
            collect()
    return drawn


@contextmanager
def _collecting() -> Iterator[Callable[[], object]]:
    """Give what collects a figure's remains: they hang in circles, and wait for long.

    What is there already is no part of it, so that it takes milliseconds.
    """
    gc.freeze()
    try:
        yield gc.collect
    finally:
        gc.unfreeze()


def _figures_part(contents: ReportContents, drawn: list[str], *, figures: bool) -> FiguresPart:
    if not figures:
        return FiguresPart(drawn=(), left_out=())
    left_out = [
        LeftOutPart(path=path, reason=reason)
        for path, reason in _reasons_to_leave_out(contents)
        if path not in drawn
    ]
    return FiguresPart(drawn=tuple(drawn), left_out=tuple(left_out))


def _reasons_to_leave_out(contents: ReportContents) -> Iterator[tuple[str, str]]:
    """Return every figure that a table may not allow, and why it would not."""
    for name in DISTRIBUTED:
        blank = name in contents.catalog.schema
        reason = f"every track's {name} is blank" if blank else f"the catalog has no {name}"
        yield paths.distribution(name), reason
    for path in paths.MUSIC_FIGURES:
        yield path, "too few tracks to hold any out"
    for path in paths.LISTENER_FIGURES:
        yield path, "there was no table of listeners"


def _write(path: Path, content: bytes) -> None:
    with atomic_file(path) as work:
        work.write_bytes(content)


def _remove_others(out: Path, written: list[str]) -> None:
    for path in paths.EVERY_PATH:
        if path not in written:
            (out / path).unlink(missing_ok=True)
    for folder in (paths.LISTENERS, paths.MUSIC, paths.STATISTICS):
        if (out / folder).is_dir() and not any((out / folder).iterdir()):
            (out / folder).rmdir()
