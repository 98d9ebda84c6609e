"""Feedback per mood: what likes and skips say for each track, in closed form.

An event of age d days weighs w = .5^(d / half_life). For a mood, with L_j and S_j the weights of
the likes and skips of track j there, the chance that j is liked has the posterior

    Beta(prior + l_j + L_j, prior + s_j + S_j),   mean_j = (prior + l_j + L_j) / (2 prior + ...)
    effect_j = weight * (2 mean_j - 1)            in (-weight, weight), 0 where nothing is known

l_j and s_j spill over from other tracks: ``artist`` times the events of those by the same artists,
and ``sound`` times the events' weight times the mean kernel of their sound. They are scaled by
spill / (spill + raw), so that they never count more than ``spill`` events of the track's own.
Source: the conjugate Beta-Bernoulli update (Gelman et al., Bayesian Data Analysis, 2.4).

Each mood has its own counts: a skip in one says nothing in another. Likes count as taste as well
(``ranking.personal``). The constants: docs/decisions/0009-feedback.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.features.code_lists import Lists
from moodtune.preferences.events import FeedbackEvent, day_of
from moodtune.preferences.sound import SoundCells


class FeedbackSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The constants of the module's formula; ``weight`` is in the unit of mood fit."""

    weight: float = 0.3
    prior: float = 1.0
    half_life_days: float = 90.0
    artist: float = 0.5
    sound: float = 0.01
    spill: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Likes and skips in one mood: ``rows`` of tracks, and the weight of each, liked above 0."""

    rows: NDArray[np.intp]
    weights: NDArray[np.float64]


def distinct(events: Sequence[FeedbackEvent]) -> list[FeedbackEvent]:
    """Return each event once, the first of its key, in order of the keys."""
    found: dict[str, FeedbackEvent] = {}
    for event in events:
        found.setdefault(event.key, event)
    return [found[key] for key in sorted(found)]


def event_weight(event: FeedbackEvent, today: date, settings: FeedbackSettings) -> float:
    """Return what an event counts today: above 0 for likes, below for skips; 0 if yet to come."""
    age = (today - day_of(event.at)).days
    if age < 0 or event.action == "ban":
        return 0.0
    weight: float = 0.5 ** (age / settings.half_life_days)
    return weight if event.action == "like" else -weight


def feedback_effects(
    said: Said, artists: Lists, cells: SoundCells, settings: FeedbackSettings | None = None
) -> NDArray[np.float32]:
    """Return what one mood's events add to each track's fit to it [shape=(n_tracks,)].

    Each is in (-weight, weight).
    """
    chosen = settings or FeedbackSettings()
    likes = _counts(said, artists, cells, chosen, sign=1)
    skips = _counts(said, artists, cells, chosen, sign=-1)
    scale = chosen.spill / (chosen.spill + likes.spilt + skips.spilt)
    for_it = likes.own + scale * likes.spilt
    against = skips.own + scale * skips.spilt
    effects = chosen.weight * (for_it - against) / (2 * chosen.prior + for_it + against)
    found: NDArray[np.float32] = effects.astype(np.float32)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    own: NDArray[np.float64]
    spilt: NDArray[np.float64]


def _counts(
    said: Said, artists: Lists, cells: SoundCells, settings: FeedbackSettings, *, sign: int
) -> _Counts:
    """Return the weight of events of one sign: of each track, and what spills over to it."""
    n_tracks = len(cells.cell)
    of_sign = said.weights * sign > 0
    rows, weights = said.rows[of_sign], np.abs(said.weights[of_sign])
    own = np.bincount(rows, weights, minlength=n_tracks).astype(np.float64)
    if not len(rows):
        return _Counts(own=own, spilt=np.zeros(n_tracks))
    owners = np.repeat(np.arange(n_tracks), np.diff(artists.starts))
    by_artist = np.bincount(artists.codes, own[owners], minlength=len(artists.names))
    of_artists = np.bincount(owners, by_artist[artists.codes] - own[owners], minlength=n_tracks)
    near = cells.nearness(np.unique(rows)).astype(np.float64) * weights.sum()
    spilt = settings.artist * np.maximum(of_artists, 0) + settings.sound * near
    return _Counts(own=own, spilt=spilt)
