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

from moodtune.errors import QueryError
from moodtune.preferences.events import Action, FeedbackEvent, day_of
from moodtune.preferences.shared_artists import SharedArtists
from moodtune.preferences.sound import SoundCells
from moodtune.preferences.track_values import TrackValues


class FeedbackSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The constants of the module's formula; ``weight`` is in the unit of mood fit."""

    weight: float = 0.3
    prior: float = 1.0
    half_life_days: float = 90.0
    artist: float = 0.5
    sound: float = 0.01
    spill: float = 1.0


#: What an event's weight is multiplied by; a ban is a limit, and weighs nothing.
_SIGN: dict[Action, float] = {"like": 1.0, "skip": -1.0, "ban": 0.0}


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


def event_weights(
    events: Sequence[FeedbackEvent], today: date, settings: FeedbackSettings
) -> list[float]:
    """Return what each event counts today: above 0 for likes, below for skips; 0 if yet to come.

    QueryError for an action that is none.
    """
    by_age: dict[int, float] = {}
    weights = []
    for event in events:
        age = (today - day_of(event.at)).days
        if (weight := by_age.get(age)) is None:
            weight = by_age[age] = 0.5 ** (age / settings.half_life_days) if age >= 0 else 0.0
        if (sign := _SIGN.get(event.action)) is None:
            raise QueryError(f"feedback: action must be like, skip or ban, got {event.action!r}")
        weights.append(sign * weight)
    return weights


def feedback_effects(
    said: Said, shared: SharedArtists, cells: SoundCells, settings: FeedbackSettings | None = None
) -> TrackValues:
    """Return what one mood's events add to each track's fit to it, in (-weight, weight).

    ``shared``  of tracks among which are all that events are about

    Tracks of artists whom no event is about differ by their sound alone.
    """
    chosen = settings or FeedbackSettings()
    likes, skips = (_counts(said, shared, cells, chosen, sign=s) for s in (1, -1))
    at = cells.cell.take(shared.rows)
    return TrackValues(
        n_tracks=len(cells.cell),
        rows=shared.rows,
        own=_effects(
            (likes.own, skips.own),
            (
                likes.of_artists + likes.of_sound.take(at),
                skips.of_artists + skips.of_sound.take(at),
            ),
            chosen,
        ),
        codes=cells.cell,
        by_code=_effects((0.0, 0.0), (likes.of_sound, skips.of_sound), chosen),
    )


def _effects(
    own: tuple[NDArray[np.float64] | float, NDArray[np.float64] | float],
    spilt: tuple[NDArray[np.float64], NDArray[np.float64]],
    settings: FeedbackSettings,
) -> NDArray[np.float32]:
    """Return the module's formula for likes and skips, of the tracks' own and spilt over."""
    scale = settings.spill / (settings.spill + spilt[0] + spilt[1])
    for_it, against = (o + scale * s for o, s in zip(own, spilt, strict=True))
    effects = settings.weight * (for_it - against) / (2 * settings.prior + for_it + against)
    found: NDArray[np.float32] = effects.astype(np.float32)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    """The weight of events of one sign: of each track of ``shared``, and what spills over to it.

    ``of_sound``  of each cell, of which every track is in one
    """

    own: NDArray[np.float64]
    of_artists: NDArray[np.float64]
    of_sound: NDArray[np.float64]


def _counts(
    said: Said, shared: SharedArtists, cells: SoundCells, settings: FeedbackSettings, *, sign: int
) -> _Counts:
    of_sign = said.weights * sign > 0
    own, of_sound = np.zeros(len(shared.rows)), np.zeros(len(cells.centers))
    of_artists = np.zeros(len(shared.rows))
    if of_sign.any():
        named = np.searchsorted(shared.named, said.rows[of_sign])
        weights = np.bincount(named, np.abs(said.weights[of_sign]), minlength=len(shared.named))
        own[shared.at] = weights
        from_others = weights.take(shared.of) * (shared.place != shared.at.take(shared.of))
        of_artists += np.bincount(shared.place, from_others, minlength=len(shared.rows))
        near = cells.nearness(shared.named[weights > 0]).astype(np.float64)
        of_sound = near * weights.sum()
    return _Counts(
        own=own, of_artists=settings.artist * of_artists, of_sound=settings.sound * of_sound
    )
