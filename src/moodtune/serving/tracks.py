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


def line_of(bundle: ModelBundle, row: int) -> TrackLine:
    """Return a track as lists name it."""
    track = bundle.tracks.row(row, named=True)
    return TrackLine(
        track_id=track[schema.TRACK_ID],
        title=track[schema.TITLE] or "",
        artist=", ".join(track[schema.ARTISTS]),
        mood=bundle.taxonomy.names[bundle.index.leading[row]],
        url=link(track.get(schema.URL), track[schema.TRACK_ID]),
    )


def lines_of(bundle: ModelBundle, track_ids: Sequence[str]) -> list[TrackLine]:
    """Return tracks by id; one that the catalog no longer has keeps its id and nothing else."""
    lines = []
    for track_id in track_ids:
        rows = bundle.index.columns.rows_of((track_id,))
        if len(rows):
            lines.append(line_of(bundle, int(rows[0])))
        else:
            lines.append(TrackLine(track_id=track_id, title="", artist="", mood="", url=None))
    return lines


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
    for line in lines_of(bundle, track_ids):
        rows = bundle.index.columns.rows_of((line.track_id,))
        track = bundle.tracks.row(int(rows[0]), named=True) if len(rows) else {}
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
