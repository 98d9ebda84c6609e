"""Saved lists as answers and as files to take away."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from litestar.response.base import ASGIResponse

from moodtune.artifacts import ModelBundle
from moodtune.reports.playlists import to_csv, to_m3u8, to_xspf
from moodtune.serving.messages import PlaylistAnswer, PlaylistLine, PlaylistsAnswer
from moodtune.serving.service import raw_answer
from moodtune.serving.store import Playlist, PlaylistEntry
from moodtune.serving.tracks import lines_of, playlist_tracks

#: The types of the files.
FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "csv": "text/csv; charset=utf-8",
        "m3u8": "application/vnd.apple.mpegurl; charset=utf-8",
        "xspf": "application/xspf+xml; charset=utf-8",
    }
)
LEFT_OUT = "moodtune-left-out"

_UNSAFE = re.compile(r"[^0-9A-Za-z._-]+")
_MOST_NAME = 60


def kept_answer(bundle: ModelBundle, kept: Playlist) -> PlaylistAnswer:
    """Return a saved list with its tracks."""
    return PlaylistAnswer(
        id=kept.id,
        name=kept.name,
        created_at=kept.created_at,
        tracks=lines_of(bundle, kept.track_ids),
    )


def lines_answer(entries: Sequence[PlaylistEntry]) -> PlaylistsAnswer:
    """Return the saved lists."""
    return PlaylistsAnswer(
        playlists=[
            PlaylistLine(id=e.id, name=e.name, created_at=e.created_at, n=e.n) for e in entries
        ]
    )


def attachment(
    bundle: ModelBundle, kept: Playlist, file_format: Literal["csv", "m3u8", "xspf"]
) -> ASGIResponse:
    """Return a saved list as a file."""
    tracks = playlist_tracks(bundle, kept.track_ids)
    headers = {
        "content-disposition": f'attachment; filename="{file_name(kept.name)}.{file_format}"'
    }
    if file_format == "m3u8":
        text, left_out = to_m3u8(kept.name, tracks)
        headers[LEFT_OUT] = str(left_out)
    else:
        text = to_csv(tracks) if file_format == "csv" else to_xspf(kept.name, tracks)
    return raw_answer(text.encode(), kind=FORMATS[file_format], headers=headers)


def file_name(name: str) -> str:
    """Return a name that any file system takes: plain letters, digits, dots and dashes.

    >>> file_name('Late night / "blue" ♪')
    'Late-night-blue'
    """
    return _UNSAFE.sub("-", name).strip("-.")[:_MOST_NAME] or "playlist"
