"""What people's labels teach a song model, on groups of tracks that it was not taught on.

Groups, for example playlists, are left out whole, and no track is on both sides. How firmly the
features are held is chosen anew for each fold, among the groups that are left, by log loss; the
model without labels is one of the choices. All gains are paired, by the same bootstrap samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.sampling import keyed_hashes, smallest
from moodtune.counting import Announce
from moodtune.errors import TooLittleDataError, UsageError
from moodtune.evaluation.agreement_metrics import RankedList
from moodtune.evaluation.intervals import Figure, figure
from moodtune.evaluation.label_units import Units
from moodtune.evaluation.matching import LabelMatch
from moodtune.evaluation.resampling import Resampling, by_group, by_track
from moodtune.moods.label_learning import (
    LabelledTracks,
    LabelSettings,
    label_probabilities,
    taught,
)
from moodtune.moods.song_model import SongModel
from moodtune.moods.taxonomy import Taxonomy
from moodtune.seeding import derive
from moodtune.tables.text import quoted

_AUC, _LOSS = "auc", "log_loss"
_Floats = NDArray[np.float64]
Hold = float | None


class Gain(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with labels and without; ``gain`` is paired, above 0 labels help."""

    taught: Figure
    untaught: Figure
    gain: Figure


class LabelLesson(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt from labels, and what that is worth on groups that were left out.

    ``tracks``, ``pairs``  different tracks, and pairs of track and label, learnt from
    ``labels``    label -> pairs; ``moods``: label -> the moods that stand for it
    ``groups``    how many were left out in turns, ``folds`` of them at a time; ``by`` what they are
    ``hold``      how firmly features are held to counting as without labels; None where the model
                  without labels did best, and nothing was changed
    ``emphasis``  feature -> how many times as much it counts, 1 the mean
    ``mean_auc``, ``log_loss``  mean AUC of the labels; mean -log of the true label's share of the
                  probability of all
    """

    tracks: int
    pairs: int
    labels: dict[str, int]
    moods: dict[str, tuple[str, ...]]
    by: str
    groups: int
    folds: int
    hold: float | None
    emphasis: dict[str, float]
    mean_auc: Gain
    log_loss: Gain
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """The model with what labels teach, and what that is worth.

    ``track_ids``  whose labels were learnt from or chosen by
    """

    model: SongModel
    hold: Hold
    tracks: LabelledTracks
    track_ids: tuple[str, ...]
    lesson: LabelLesson

    def again(self, model: SongModel) -> SongModel:
        """Teach another model of the same taxonomy the same."""
        return _model(model, self.tracks, self.hold)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Class:
    """The labelled tracks, and which of them are left out together.

    ``fold`` [shape=(n,)]; ``track`` numbers the tracks [shape=(n,)]
    """

    tracks: LabelledTracks
    fold: NDArray[np.intp]
    track: NDArray[np.intp]

    @property
    def n_labels(self) -> int:
        return len(self.tracks.stands_for)

    def without(self, *folds: int) -> NDArray[np.intp]:
        """Return the rows of the other folds, but for tracks that ``folds`` have too."""
        inside = np.isin(self.fold, folds)
        return np.flatnonzero(~inside & ~np.isin(self.track, self.track[inside]))


def teach(
    model: SongModel,
    units: Units,
    match: Sequence[LabelMatch],
    taxonomy: Taxonomy,
    settings: LabelSettings,
    *,
    by: str,
    seed: int,
    announce: Announce = lambda _: None,
) -> Taught:
    """Return ``model`` taught by the labels of ``units``; ``by`` is what a group is called.

    TooLittleDataError where a label has too few tracks; UsageError where a kind of recording is
    matched to one.
    """
    _check(units, match, taxonomy, settings)
    stands_for = np.array([[mood in m.moods for mood in model.moods] for m in match])
    rows = _sampled(units, settings.most)
    tracks = LabelledTracks(
        features=units.features.take(rows), label=units.label[rows], stands_for=stands_for
    )
    ids = units.track_ids[rows]
    draws, notes = _groups(units, rows, by, seed)
    folds = _folds(draws, tracks.label, settings.folds, seed)
    known = _Class(tracks=tracks, fold=folds, track=np.unique(ids, return_inverse=True)[1])
    announce(f"learning from the labels of {len(np.unique(ids)):,} tracks")
    before = label_probabilities(model, tracks)
    after = _out_of_fold(model, known, settings)
    hold = _best(model, known, range(int(folds.max()) + 1), settings)
    final = _model(model, tracks, hold)
    sizes = np.bincount(tracks.label, minlength=len(match))
    lesson = LabelLesson(
        tracks=len(np.unique(ids)),
        pairs=len(ids),
        labels={m.label: int(n) for m, n in zip(match, sizes, strict=True)},
        moods={m.label: m.moods for m in match},
        by=draws.by,
        groups=len(draws.stratum),
        folds=int(folds.max()) + 1,
        hold=hold,
        emphasis=_emphasis(model, final),
        mean_auc=_gain(_AUC, before, after, tracks.label, draws),
        log_loss=_gain(_LOSS, before, after, tracks.label, draws),
        notes=notes,
    )
    return Taught(
        model=final,
        hold=hold,
        tracks=tracks,
        track_ids=tuple(np.unique(units.track_ids).tolist()),
        lesson=lesson,
    )


def _check(
    units: Units, match: Sequence[LabelMatch], taxonomy: Taxonomy, settings: LabelSettings
) -> None:
    kinds = [mood for m in match for mood in m.moods if mood not in taxonomy.offered]
    if kinds:
        raise UsageError(
            f"--match names {quoted(kinds[0])}, a kind of recording and no mood: labels teach "
            "moods only; leave it out of --match"
        )
    sizes = np.bincount(units.label, minlength=len(match))
    few = int(sizes.argmin())
    if sizes[few] < settings.least:
        raise TooLittleDataError(
            f"the label {quoted(match[few].label)} has {sizes[few]:,} tracks with features, and "
            f"at least {settings.least} of each label are needed to learn from: bring more, or "
            "leave the label out of --match"
        )


def _sampled(units: Units, most: int) -> NDArray[np.intp]:
    ids = pl.Series(units.track_ids)
    return np.sort(smallest(keyed_hashes(ids, 0, "labels"), most))


def _groups(
    units: Units, rows: NDArray[np.intp], by: str, seed: int
) -> tuple[Resampling, tuple[str, ...]]:
    if units.groups is not None:
        drawn = by_group(units.groups[rows], units.label[rows], seed, by=by)
        if drawn is not None:
            return drawn, ()
        note = f"Some label has only one {by}: single tracks are left out instead of a whole {by}"
        return by_track(units.track_ids[rows], seed), (note,)
    return by_track(units.track_ids[rows], seed), ()


def _folds(groups: Resampling, label: NDArray[np.intp], most: int, seed: int) -> NDArray[np.intp]:
    """Return a fold per track: the groups of each label dealt out in turns, in a random order."""
    commonest = np.zeros((len(groups.stratum), int(label.max()) + 1), np.int64)
    np.add.at(commonest, (groups.cluster, label), 1)
    own = commonest.argmax(axis=1)
    n_folds = min(most, int(np.bincount(own)[np.unique(own)].min()))
    fold = np.zeros(len(own), np.intp)
    for each in np.unique(own):
        mine = derive(seed, "folds of labels", int(each)).permutation(np.flatnonzero(own == each))
        fold[mine] = np.arange(len(mine)) % max(n_folds, 2)
    return fold[groups.cluster]


def _model(model: SongModel, tracks: LabelledTracks, hold: Hold) -> SongModel:
    return model if hold is None else taught(model, tracks, hold)


def _out_of_fold(model: SongModel, known: _Class, settings: LabelSettings) -> _Floats:
    """Return each track's label probabilities by a model that was not taught on its fold."""
    found = np.empty((len(known.tracks), known.n_labels))
    for fold in range(int(known.fold.max()) + 1):
        others = [f for f in range(int(known.fold.max()) + 1) if f != fold]
        rest = known.without(fold)
        inner = replace(
            known, tracks=known.tracks.take(rest), fold=known.fold[rest], track=known.track[rest]
        )
        hold = _best(model, inner, others, settings) if len(others) > 1 else settings.holds[0]
        left_out = np.flatnonzero(known.fold == fold)
        found[left_out] = label_probabilities(
            _model(model, known.tracks.take(rest), hold), known.tracks.take(left_out)
        )
    return found


def _best(model: SongModel, known: _Class, folds: Sequence[int], settings: LabelSettings) -> Hold:
    """Return the hold of least log loss on left-out folds; None if no lesson does better."""
    weights = np.ones((1, len(known.tracks)))
    losses: dict[Hold, float] = {}
    for hold in (None, *settings.holds):
        found = np.empty((len(known.tracks), known.n_labels))
        for fold in folds:
            rest, left_out = known.without(fold), np.flatnonzero(known.fold == fold)
            lesson = _model(model, known.tracks.take(rest), hold)
            found[left_out] = label_probabilities(lesson, known.tracks.take(left_out))
        losses[hold] = float(_log_loss(found, known.tracks.label, weights)[0])
    return min(losses, key=lambda hold: losses[hold])


def _gain(
    name: str, before: _Floats, after: _Floats, label: NDArray[np.intp], draws: Resampling
) -> Gain:
    measure = _mean_auc if name == _AUC else _log_loss
    sign = 1 if name == _AUC else -1
    once = np.ones((1, len(label)))
    values = [float(measure(side, label, once)[0]) for side in (after, before)]
    drawn = [
        np.concatenate([measure(side, label, weights) for weights in draws.blocks()])
        for side in (after, before)
    ]
    return Gain(
        taught=figure(values[0], drawn[0]),
        untaught=figure(values[1], drawn[1]),
        gain=figure(sign * (values[0] - values[1]), sign * (drawn[0] - drawn[1])),
    )


def _mean_auc(given: _Floats, label: NDArray[np.intp], weights: _Floats) -> _Floats:
    areas = [
        RankedList.of(label == one, given[:, one], weights).auc() for one in range(given.shape[1])
    ]
    return np.asarray(np.mean(areas, axis=0))


def _log_loss(given: _Floats, label: NDArray[np.intp], weights: _Floats) -> _Floats:
    """Return the weighted mean of -log of the true label's share of the labels' probability."""
    shares = given[np.arange(len(label)), label] / given.sum(axis=1)
    return np.asarray(weights @ -np.log(shares) / weights.sum(axis=-1))


def _emphasis(before: SongModel, after: SongModel) -> dict[str, float]:
    """Return how many times as much each feature counts as without labels; the mean is 1."""
    mood = int(np.argmax(before.offered))
    times = after.weights[mood] / np.where(before.weights[mood] > 0, before.weights[mood], 1)
    return {
        name: float(each) for name, each in zip(before.features, times / times.mean(), strict=True)
    }
