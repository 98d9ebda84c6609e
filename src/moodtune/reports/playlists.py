"""Lists of tracks as files that players and spreadsheets read: CSV, M3U8 and XSPF.

M3U8 is extended M3U in UTF-8 (RFC 8216, section 4, names the encoding; ``#EXTINF`` and
``#PLAYLIST`` as players read them). XSPF is version 1 (https://www.xspf.org/spec).
"""

import re
from collections.abc import Sequence
from urllib.parse import quote
from xml.sax.saxutils import escape

import msgspec
import polars as pl

from moodtune.tables.text import escape_controls, guard_formulas, literal

_XSPF = "http://xspf.org/ns/0/"
_WEB = ("https://", "http://")
_MS_PER_SECOND = 1000
#: What XML 1.0 cannot hold, even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Characters of a link that stay as they are in a URI (RFC 3986), brackets of a host aside; what is
#: escaped stays, and a percent sign that escapes nothing is escaped itself.
_URI_SAFE = "/:?@!$&'()*+,;=%~-._"
_NO_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class PlaylistTrack(msgspec.Struct, frozen=True, kw_only=True):
    """A track of a list; ``location`` is a web link or a file's path, None where unknown."""

    track_id: str
    title: str
    artist: str
    mood: str = ""
    location: str | None = None
    duration_ms: int | None = None


def to_csv(tracks: Sequence[PlaylistTrack]) -> str:
    """Return the tracks as CSV with a header and a rank from 1.

    Formula cells are guarded and control characters escaped, as in every CSV that is written.
    """
    rows = [{"rank": rank, **msgspec.structs.asdict(t)} for rank, t in enumerate(tracks, start=1)]
    numbers = {"rank": pl.Int64(), "duration_ms": pl.Int64()}
    names = ("rank", *PlaylistTrack.__struct_fields__)
    frame = pl.DataFrame(rows, schema={name: numbers.get(name, pl.String()) for name in names})
    return guard_formulas(escape_controls(frame)).write_csv()


def to_m3u8(name: str, tracks: Sequence[PlaylistTrack]) -> tuple[str, int]:
    """Return the tracks that have a location as M3U8, and how many were left out."""
    found = [track for track in tracks if track.location is not None]
    left_out = len(tracks) - len(found)
    lines = ["#EXTM3U", f"#PLAYLIST:{literal(name)}"]
    if left_out:
        lines.append(
            "# 1 track was left out: its location is not known"
            if left_out == 1
            else f"# {left_out} tracks were left out: their locations are not known"
        )
    for track in found:
        seconds = -1 if track.duration_ms is None else round(track.duration_ms / _MS_PER_SECOND)
        lines.append(f"#EXTINF:{seconds},{literal(_said(track))}")
        lines.append(_line(track.location or ""))
    return "\n".join(lines) + "\n", left_out


def _said(track: PlaylistTrack) -> str:
    title = track.title or track.track_id
    return f"{track.artist} - {title}" if track.artist else title


def _line(location: str) -> str:
    """Return a location as one line that is no comment."""
    shown = literal(location)
    return f"./{shown}" if shown.startswith("#") else shown


def to_xspf(name: str, tracks: Sequence[PlaylistTrack]) -> str:
    """Return the tracks as XSPF 1; those without a location are named without one."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<playlist version="1" xmlns="{_XSPF}">',
        f"  <title>{_text(name)}</title>",
        "  <trackList>",
    ]
    for track in tracks:
        lines.append("    <track>")
        lines.extend(f"      <{tag}>{value}</{tag}>" for tag, value in _elements(track))
        lines.append("    </track>")
    lines += ["  </trackList>", "</playlist>"]
    return "\n".join(lines) + "\n"


def _elements(track: PlaylistTrack) -> list[tuple[str, str]]:
    """Return the elements of a track in the order that the schema asks for."""
    elements = []
    if track.location is not None:
        elements.append(("location", _uri(track.location)))
    elements.append(("identifier", _text(f"urn:moodtune:track:{quote(track.track_id, safe='')}")))
    if track.title:
        elements.append(("title", _text(track.title)))
    if track.artist:
        elements.append(("creator", _text(track.artist)))
    if track.duration_ms is not None:
        elements.append(("duration", str(track.duration_ms)))
    return elements


def _uri(location: str) -> str:
    if location.startswith(_WEB):
        link, mark, fragment = _NO_ESCAPE.sub("%25", location).partition("#")
        return _text(quote(link, safe=_URI_SAFE) + mark + quote(fragment, safe=_URI_SAFE))
    return _text(("file://" if location.startswith("/") else "") + quote(location))


def _text(text: str) -> str:
    return escape(_NO_XML.sub("", text))
