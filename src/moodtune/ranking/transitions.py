"""What it costs to go from one track to the next: the step on the plane, tempo, key, loudness.

Each part is in [0, 1], 0 where nothing is heard to change; the step on the plane is the one that
may be more. A column that the catalog lacks counts nothing. A cell that is unknown where the
catalog has the column counts what two tracks drawn at random cost on average, so that the unknown
is no bargain.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import KEY, MODE
from moodtune.ranking.index import TrackIndex

#: How much the parts weigh; a step of ``STEP_UNIT`` on the plane counts as one.
STEP_WEIGHT, STEP_UNIT = 0.25, 0.1
TEMPO_WEIGHT = 0.4
KEY_WEIGHT = 0.3
LOUDNESS_WEIGHT, LOUDNESS_UNIT_DB = 0.3, 6.0

_TEMPO, _LOUDNESS = "tempo", "loudness"
_HOURS = 12  # on the Camelot wheel
_FARTHEST = _HOURS // 2 + 1
#: Tempo ratios spread evenly over an octave are on average a quarter octave from a whole one.
_TEMPO_UNKNOWN = 0.5
#: Of two keys drawn from all 24: three hours apart on average, and half of the time another mode.
_KEY_UNKNOWN = 3.5 / _FARTHEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What a change is heard by, for each track [shape=(n_tracks,)]; None: no such column.

    ``points``    valence and arousal in [0, 1], float64 [shape=(n_tracks, 2)]
    ``octaves``   log2 of the tempo in BPM, NaN where no beat was heard
    ``hours``     place on the Camelot wheel, 0 to 11 for 1 to 12, NaN where the key is unknown
    ``major``     1 for the wheel's outer ring (B), 0 for the inner (A)
    ``loudness``  in dB
    """

    points: NDArray[np.float64]
    octaves: NDArray[np.float64] | None = None
    hours: NDArray[np.float64] | None = None
    major: NDArray[np.float64] | None = None
    loudness: NDArray[np.float64] | None = None

    @property
    def heard_by(self) -> tuple[str, ...]:
        """What counts beside the step on the plane, in words."""
        parts = (("tempo", self.octaves), ("key", self.hours), ("loudness", self.loudness))
        return tuple(name for name, column in parts if column is not None)


def sound_of(index: TrackIndex) -> Sound:
    """Return what the changes between the tracks of ``index`` are heard by."""
    hours, major = _keys(index)
    return Sound(
        points=np.column_stack([index.scores.valence, index.scores.arousal]).astype(np.float64),
        octaves=_octaves(index),
        hours=hours,
        major=major,
        loudness=_column(index, _LOUDNESS),
    )


def _column(index: TrackIndex, name: str) -> NDArray[np.float64] | None:
    if not index.columns.has(name):
        return None
    return index.columns.numbers(name).astype(np.float64)


def _octaves(index: TrackIndex) -> NDArray[np.float64] | None:
    tempo = _column(index, _TEMPO)
    return None if tempo is None else np.log2(np.where(tempo > 0, tempo, np.nan))


def _keys(
    index: TrackIndex,
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    key, major = _column(index, KEY), _column(index, MODE)
    if key is None or major is None:  # one without the other has no place on the wheel
        return None, None
    known = (key >= 0) & ~np.isnan(major)
    return np.where(known, camelot_hours(key, major), np.nan), major


def camelot_hours(key: NDArray[np.float64], major: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the place of keys on the Camelot wheel, 0 to 11 for its hours 1 to 12.

    ``key``: pitch class 0 (C) to 11; ``major``: 1 or 0. A fifth up is an hour on, and a minor key
    stands at the hour of its relative major, three semitones up: C major is 8B, A minor is 8A.

    >>> camelot_hours(np.array([0.0, 7.0, 9.0]), np.array([1.0, 1.0, 0.0])) + 1
    array([8., 9., 8.])
    """
    relative = np.where(major > 0, key, key + 3)
    hours: NDArray[np.float64] = (7 * relative + 7) % _HOURS
    return hours


def camelot_name(hour: float, major: float) -> str:
    """Return a place on the wheel as DJs write it: 8B for C major."""
    return f"{int(hour) + 1}{'B' if major else 'A'}"


def distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each of ``a`` is from each of ``b`` on the plane [shape=(len(a), len(b))].

    Only sums, products and a root: the same pair gives the same bits in any shape of arrays.
    """
    across, along = (np.subtract.outer(a[:, axis], b[:, axis]) for axis in (0, 1))
    apart: NDArray[np.float64] = np.sqrt(across * across + along * along)
    return apart


def transition_costs(
    sound: Sound, rows: NDArray[np.intp], to: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the cost of going from each of ``rows`` to each of ``to`` [shape=(len, len)].

    cost = STEP_WEIGHT * step / STEP_UNIT + TEMPO_WEIGHT * tempo + KEY_WEIGHT * key
    + LOUDNESS_WEIGHT * loudness. The same both ways. Loudness counts by the square of its change,
    up to ``LOUDNESS_UNIT_DB``: two small rises rather than one large one.
    """
    cost = STEP_WEIGHT / STEP_UNIT * distances(sound.points[rows], sound.points[to])
    if sound.octaves is not None:
        cost += TEMPO_WEIGHT * tempo_jumps(sound.octaves[rows], sound.octaves[to])
    if sound.hours is not None and sound.major is not None:
        apart = key_jumps(sound.hours[rows], sound.hours[to])
        apart += np.not_equal.outer(sound.major[rows], sound.major[to])
        cost += KEY_WEIGHT * np.nan_to_num(apart / _FARTHEST, nan=_KEY_UNKNOWN)
    if sound.loudness is not None:
        apart = np.abs(np.subtract.outer(sound.loudness[rows], sound.loudness[to]))
        cost += LOUDNESS_WEIGHT * np.minimum(np.nan_to_num(apart) / LOUDNESS_UNIT_DB, 1) ** 2
    return cost


def tempo_jumps(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far tempos are from being the same, half or double, in [0, 1].

    ``a``, ``b`` in octaves (log2 of BPM). 1 is half an octave off, the most there is: 70 and
    140 BPM are heard as one pulse.

    >>> tempo_jumps(np.log2([70.0]), np.log2([140.0, 99.0])).round(2)
    array([[0., 1.]])
    """
    apart = np.subtract.outer(a, b)
    folded: NDArray[np.float64] = 2 * np.abs(apart - np.round(apart))
    return np.nan_to_num(folded, nan=_TEMPO_UNKNOWN)


def key_jumps(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many hours keys lie apart around the wheel, 0 to 6; NaN where unknown.

    >>> key_jumps(np.array([0.0]), np.array([1.0, 11.0, 6.0]))
    array([[1., 1., 6.]])
    """
    apart = np.abs(np.subtract.outer(a, b))
    shorter: NDArray[np.float64] = np.minimum(apart, _HOURS - apart)
    return shorter
