"""Histories to a CollaborativeModel, and how much it shall weigh beside content."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.errors import TooLittleDataError
from moodtune.preferences.collaborative import (
    EASE,
    ITEM_ITEM,
    MAX_ENTRIES,
    MAX_NEIGHBORS,
    CollaborativeModel,
)
from moodtune.preferences.content import ContentIndex
from moodtune.preferences.histories import Histories
from moodtune.seeding import derive

#: Places that the choice of the strength looks at: a list as it is shown.
_PLACES = 10

#: Listeners with fewer tracks tell nothing about which tracks belong together.
_LEAST_TRACKS = 2


class CollaborativeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How collaborative taste is learnt.

    ``ridge``       EASE's l, in listeners
    ``shrinkage``   item-item's s, in listeners
    ``strengths``   what B may weigh beside content: the best on ``validators`` is taken
    ``validators``  listeners at most on whom the strength is chosen
    ``hidden``      share of a validator's tracks that are hidden, and looked for
    ``max_dense``   tracks up to which EASE is used; None for as many as are stated
    """

    ridge: float = 30.0
    shrinkage: float = 10.0
    strengths: tuple[float, ...] = (0.0, 3.0, 10.0, 30.0, 100.0)
    validators: int = 1000
    hidden: float = 0.3
    max_dense: int | None = None


def train_collaborative(
    histories: Histories,
    content: ContentIndex,
    settings: CollaborativeSettings | None = None,
    *,
    seed: int,
) -> CollaborativeModel:
    """Return the model of ``histories``, whose strength is chosen on some of their listeners.

    Some tracks of the validators are hidden, a model is learnt without them, and the strength is
    taken whose lists find most of them again. Then all is learnt from. Same histories, settings
    and seed: same bytes, whatever the rows' order. TooLittleDataError where no two listeners have
    two tracks each.
    """
    settings = settings or CollaborativeSettings()
    n_enough = int((histories.lengths >= _LEAST_TRACKS).sum())
    if n_enough < _LEAST_TRACKS:
        raise TooLittleDataError(
            f"histories teach nothing with {n_enough} listeners of two tracks or more, of "
            f"{len(histories):,}; give those of more listeners, or leave --histories out"
        )
    is_hidden = _hidden(histories, settings, seed)
    learnt = fit_weights(histories.keep(~is_hidden), settings, strength=1.0)
    strength = _best_strength(
        learnt, content, histories.keep(~is_hidden), histories.keep(is_hidden), settings.strengths
    )
    return fit_weights(histories, settings, strength=strength)


def fit_weights(
    histories: Histories, settings: CollaborativeSettings, *, strength: float
) -> CollaborativeModel:
    """Return the model of ``histories`` with a given strength."""
    # SciPy is loaded where a model is trained, never where one answers.
    from moodtune.preferences import co_listening

    tracks, listened = co_listening.matrix(histories)
    count = max(min(MAX_NEIGHBORS, MAX_ENTRIES // max(len(tracks), 1)), 1)
    limit = co_listening.MAX_DENSE if settings.max_dense is None else settings.max_dense
    if len(tracks) <= limit:
        method = EASE
        entries = co_listening.ease(listened, ridge=settings.ridge, count=count)
    else:
        method = ITEM_ITEM
        entries = co_listening.item_item(listened, shrinkage=settings.shrinkage, count=count)
    lengths = np.bincount(tracks[entries.rows], minlength=histories.n_tracks)
    return CollaborativeModel(
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        neighbors=tracks[entries.columns].astype(np.int32),
        weights=entries.weights,
        strength=np.array(strength, dtype=np.float32),
        n_histories=np.array(len(histories), dtype=np.int64),
        method=method,
    )


def _hidden(histories: Histories, settings: CollaborativeSettings, seed: int) -> NDArray[np.bool_]:
    """Return which rows of the histories are hidden: a share of each validator's, one at least."""
    numbers = derive(seed, "taste", "validation")
    able = np.flatnonzero(histories.lengths >= _LEAST_TRACKS)
    chosen = numbers.permutation(able)[: settings.validators]
    hidden = np.zeros(len(histories.rows), dtype=np.bool_)
    for listener in np.sort(chosen).tolist():
        start, length = int(histories.starts[listener]), int(histories.lengths[listener])
        count = min(max(round(settings.hidden * length), 1), length - 1)
        hidden[start + numbers.permutation(length)[:count]] = True
    return hidden


def _best_strength(
    model: CollaborativeModel,
    content: ContentIndex,
    known: Histories,
    hidden: Histories,
    strengths: Sequence[float],
) -> float:
    """Return the strength whose lists hold most of what was hidden, weighed by place."""
    gains = np.zeros(len(strengths))
    for listener in np.flatnonzero(hidden.lengths).tolist():
        likes, wanted = known.of(listener), hidden.of(listener)
        said, heard = content.scores(likes).total(), model.scores(likes)
        for i, strength in enumerate(strengths):
            gains[i] += _gain(said + np.float32(strength) * heard, likes, wanted)
    return strengths[int(np.argmax(gains))]


def _gain(
    scores: NDArray[np.float32], known: NDArray[np.int32], wanted: NDArray[np.int32]
) -> float:
    """Return the discounted gain of the first places: 1 / log2(place + 1) for each track found."""
    scores[known] = -np.inf
    count = min(_PLACES, len(scores) - 1)
    best = np.argpartition(-scores, count)[:count]
    places = np.flatnonzero(np.isin(best[np.argsort(-scores[best], kind="stable")], wanted))
    return float((1 / np.log2(places + 2)).sum())
