"""The stops of a journey: where each track lies, and what changes from the track before."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.ranking.index import TrackIndex
from moodtune.ranking.journeys import Travelled
from moodtune.ranking.transitions import Sound, camelot_name, distances, sound_of

#: Numbers are given to this many decimals.
_DECIMALS = 6

#: What was and what is, in a unit of its own; None for what is not known.
Change = tuple[float | None, float | None]


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """A track of a journey.

    ``valence``, ``arousal``  where it lies on the plane, both in [0, 1]
    ``from_waypoint``         how far it lies from the waypoint of its place
    ``step``                  how far from the track before
    ``tempo_bpm``, ``key``, ``loudness_db``  of the track before and of this one; keys as on the
        Camelot wheel

    Nothing changes at the first place, and in a column that the catalog lacks: None.
    """

    valence: float
    arousal: float
    from_waypoint: float
    step: float | None = None
    tempo_bpm: Change | None = None
    key: tuple[str | None, str | None] | None = None
    loudness_db: Change | None = None


def stops(index: TrackIndex, travelled: Travelled) -> list[Stop]:
    """Return the stops of a journey, one per track."""
    sound, rows, report = sound_of(index), travelled.rows, travelled.report
    told = []
    for place, (point, waypoint) in enumerate(zip(report.places, report.waypoints, strict=True)):
        away = distances(np.array([point]), np.array([waypoint]))[0, 0]
        stop = Stop(
            valence=_rounded(point[0]), arousal=_rounded(point[1]), from_waypoint=_rounded(away)
        )
        told.append(_changed(stop, sound, rows[place - 1], rows[place]) if place else stop)
    return told


def _changed(stop: Stop, sound: Sound, before: int, row: int) -> Stop:
    pair = [before, row]
    tempo = None if sound.octaves is None else _known(2 ** sound.octaves[pair])
    loudness = None if sound.loudness is None else _known(sound.loudness[pair])
    key = None
    if sound.hours is not None and sound.major is not None:
        key = _key(sound, before), _key(sound, row)
    return msgspec.structs.replace(
        stop,
        step=_rounded(distances(sound.points[[before]], sound.points[[row]])[0, 0]),
        tempo_bpm=tempo,
        key=key,
        loudness_db=loudness,
    )


def _key(sound: Sound, row: int) -> str | None:
    if sound.hours is None or sound.major is None or not np.isfinite(sound.hours[row]):
        return None
    return camelot_name(sound.hours[row], sound.major[row])


def _known(values: NDArray[np.float64]) -> Change:
    before, here = (_rounded(value) if np.isfinite(value) else None for value in values)
    return before, here


def _rounded(value: float) -> float:
    return round(float(value), _DECIMALS)
