"""Tracks as the service names them."""

from collections.abc import Sequence

import msgspec

from moodtune.artifacts import ModelBundle
from moodtune.catalog import schema
from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.errors import NotFoundError
from moodtune.ranking.listing import link
from moodtune.reports.playlists import PlaylistTrack
from moodtune.serving.messages import NearTrack, TrackAnswer, TrackLine

_SHOWN_ID = 60


def row_of(bundle: ModelBundle, track_id: str) -> int:
    """Return the row of a track by its id or another of its ids; NotFoundError without one."""
    rows = bundle.index.columns.rows_of((track_id,))
    if not len(rows):
        raise NotFoundError(f"the catalog has no track {track_id[:_SHOWN_ID]!r}")
    return int(rows[0])


def check_tracks(bundle: ModelBundle, track_ids: Sequence[str]) -> None:
    """Refuse ids that are no tracks; NotFoundError names the first."""
    for track_id, row in zip(track_ids, rows_by_place(bundle, track_ids), strict=True):
        if row is None:
            raise NotFoundError(f"the catalog has no track {track_id[:_SHOWN_ID]!r}")


def line_of(bundle: ModelBundle, row: int) -> TrackLine:
    """Return a track as lists name it."""
    columns = bundle.index.columns
    track_id = columns.track_ids[row] or ""
    return TrackLine(
        track_id=track_id,
        title=columns.titles[row] or "",
        artist=columns.artist_names[row] or "",
        mood=bundle.taxonomy.names[bundle.index.leading[row]],
        url=link(columns.urls[row] if columns.urls else None, track_id),
    )


def rows_by_place(bundle: ModelBundle, track_ids: Sequence[str]) -> list[int | None]:
    """Return the row of each track, None for one that the catalog no longer has."""
    rows: list[int | None] = [None] * len(track_ids)
    found = bundle.index.columns.ids.find(track_ids)
    for place, row in zip(found.asked.tolist()[::-1], found.rows.tolist()[::-1], strict=True):
        rows[place] = row
    return rows


def lines_of(bundle: ModelBundle, track_ids: Sequence[str]) -> list[TrackLine]:
    """Return tracks by id; one that the catalog no longer has keeps its id and nothing else."""
    return [
        TrackLine(track_id=track_id, title="", artist="", mood="", url=None)
        if row is None
        else line_of(bundle, row)
        for track_id, row in zip(track_ids, rows_by_place(bundle, track_ids), strict=True)
    ]


def answer_of(bundle: ModelBundle, row: int, nearest: list[NearTrack]) -> TrackAnswer:
    """Return all that is known of a track."""
    track, scores, line = bundle.tracks.row(row, named=True), bundle.scores, line_of(bundle, row)
    return TrackAnswer(
        track_id=line.track_id,
        title=line.title,
        artist=line.artist,
        mood=line.mood,
        url=line.url,
        year=track.get(schema.YEAR),
        genres=list(track.get(schema.GENRES) or ()),
        profile=dict(zip(scores.moods, scores.probabilities[row].tolist(), strict=True)),
        valence=float(scores.valence[row]),
        arousal=float(scores.arousal[row]),
        features={name: track[name] for name in AUDIO_FEATURES if track.get(name) is not None},
        nearest=nearest,
    )


def near_tracks(bundle: ModelBundle, nearest: Sequence[tuple[int, float]]) -> list[NearTrack]:
    """Return tracks by row, each with how alike it is."""
    return [
        NearTrack(**msgspec.structs.asdict(line_of(bundle, row)), similarity=similarity)
        for row, similarity in nearest
    ]


def playlist_tracks(bundle: ModelBundle, track_ids: Sequence[str]) -> list[PlaylistTrack]:
    """Return tracks as files name them: by their file, where the catalog has it, or their link."""
    found = []
    rows = rows_by_place(bundle, track_ids)
    for line, row in zip(lines_of(bundle, track_ids), rows, strict=True):
        track = {} if row is None else bundle.tracks.row(row, named=True)
        found.append(
            PlaylistTrack(
                track_id=line.track_id,
                title=line.title,
                artist=line.artist,
                mood=line.mood,
                location=track.get(schema.PATH) or line.url,
                duration_ms=track.get(schema.DURATION_MS),
            )
        )
    return found
