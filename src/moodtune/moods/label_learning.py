"""A song model taught by people's labels: how much each feature counts, and how sure to be.

The moods stay where the taxonomy has them, and labels say only what it cannot know. With the
symbols of ``song_model``, and e_mj the part of feature j in the score of mood m::

    s_m = t * offset_m + sum over features j of f_j * e_mj + sum of b_l over the labels of m
    background = t * b + c,    P_l = sum of p_m over the moods of label l

f_j, b_l, t and c make the labels likeliest, P_l / sum of P over the labels being the likelihood of
a label, each label of the same weight in all. They are held where the model without labels has
them, f_j = t = 1 and b = c = 0, by a normal prior each; how firmly the f_j are held to t is chosen
by cross-validation (``evaluation.label_validation``).

How common a mood is stays what it is at large: whoever gathers a table of labels decides how many
of each are in it. So the b_l are thrown away, and the offsets made anew as without labels.
Training only: it needs SciPy. Why nothing more is learnt: docs/decisions/0006-labels.md.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import cells
from moodtune.moods.calibration import equally_common, fits_of
from moodtune.moods.mood_space import evidence
from moodtune.moods.reference import music_at_large
from moodtune.moods.song_model import N_FITS, SAMPLE, SongModel

Floats = NDArray[np.float64]
_Positive: TypeAlias = Annotated[float, Meta(gt=0)]

#: 1 / variance of the priors of t and c, and of b: about labels' commonness we know nothing.
_SURENESS, _COMMONNESS = 1.0, 0.1
_ITERATIONS = 500
_ROUNDS = 2  # of making the moods equally common, each some steps; afterwards little moves


class LabelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a song model learns from people's labels.

    ``holds``  candidates for how firmly each feature is held to counting as it does without
               labels; besides these the model without labels is a candidate
    ``folds``  of cross-validation; a group of tracks is in one of them
    ``least``  tracks that each label must have
    ``most``   tracks that are learnt from: of more, a sample; there are few things to learn
    """

    holds: Annotated[tuple[_Positive, ...], Meta(min_length=1)] = (1.0, 0.1)
    folds: Annotated[int, Meta(ge=2)] = 6
    least: Annotated[int, Meta(ge=2)] = 20
    most: Annotated[int, Meta(ge=100)] = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledTracks:
    """What people said of tracks; a track with two labels is there twice.

    ``label``       number of the label [shape=(n,)]
    ``stands_for``  whether a mood stands for a label [shape=(n_labels, n_moods)], in the order of
                    the model's moods; kinds of recording stand for none
    """

    features: FeatureMatrix
    label: NDArray[np.intp]
    stands_for: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: NDArray[np.intp]) -> "LabelledTracks":
        """Return some of the tracks."""
        return replace(self, features=self.features.take(rows), label=self.label[rows])


def label_probabilities(model: SongModel, tracks: LabelledTracks) -> Floats:
    """Return the probability of each label, the sum of its moods' [shape=(n, n_labels)]."""
    given = model.score(tracks.features).probabilities.astype(np.float64)
    return given @ tracks.stands_for.T.astype(np.float64)


def taught(model: SongModel, tracks: LabelledTracks, hold: float) -> SongModel:
    """Return ``model`` with what the labels teach; ``hold`` as in ``LabelSettings``."""
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    lesson = _Lesson.of(model, tracks, hold)
    bounds = [(0.0, None)] * (1 + lesson.n_features) + [(None, None)] * (lesson.n_labels + 1)
    with threadpool_limits(limits=1):  # sums hang on how many threads there are
        found = minimize(
            lesson.loss,
            lesson.untaught,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": _ITERATIONS},
        )
    return _changed(model, tracks, lesson.parts_of(found.x))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parameters:
    """The module's f, t, b and c."""

    t: float
    f: Floats
    b: Floats
    c: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    """The loss of given parameters, and its slope.

    ``parts``    e of the module's formula, offered moods only [shape=(n * n_moods, n_features)]
    ``offsets``  of the offered moods [shape=(n_moods,)]
    ``member``   1 where a mood stands for a label [shape=(n_labels, n_moods)]
    ``weights``  of the tracks, summing to 1 [shape=(n,)]
    """

    parts: Floats
    offsets: Floats
    background: float
    member: Floats
    label: NDArray[np.intp]
    weights: Floats
    hold: float

    @classmethod
    def of(cls, model: SongModel, tracks: LabelledTracks, hold: float) -> "_Lesson":
        offered = model.offered > 0
        member = tracks.stands_for[:, offered].astype(np.float64)
        sizes = np.bincount(tracks.label, minlength=len(member))
        weights = 1 / sizes[tracks.label]
        parts = _parts(model, tracks.features)[:, :, offered]
        return cls(
            parts=parts.transpose(1, 2, 0).reshape(-1, len(model.features)).astype(np.float64),
            offsets=model.offsets[offered].astype(np.float64),
            background=float(model.background),
            member=member,
            label=tracks.label,
            weights=weights / weights.sum(),
            hold=hold,
        )

    @property
    def n_features(self) -> int:
        return int(self.parts.shape[1])

    @property
    def n_labels(self) -> int:
        return len(self.member)

    @property
    def untaught(self) -> Floats:
        """The parameters of the model without labels."""
        return np.concatenate([np.ones(1 + self.n_features), np.zeros(self.n_labels + 1)])

    def parts_of(self, values: Floats) -> _Parameters:
        k = 1 + self.n_features
        return _Parameters(t=float(values[0]), f=values[1:k], b=values[k:-1], c=float(values[-1]))

    def loss(self, values: Floats) -> tuple[float, Floats]:
        """Return the weighted mean of -log likelihood and the priors' part, and the gradient."""
        p = self.parts_of(values)
        shares, unclear = self._shares(p)
        each = unclear[:, None] / len(self.offsets)  # a mood's share of the background
        moods = shares + each
        rows = np.arange(len(self.label))
        named = moods @ self.member.T
        own, total = named[rows, self.label], named.sum(axis=1)
        held = p.f - p.t
        value = -(self.weights * np.log(own / total)).sum() + self._prior(p)
        # d log(sum over m of A_m p_m) / d s_m = A_m shares_m / sum - shares_m; the last cancels.
        counted = self.member[self.label] / own[:, None]
        counted -= self.member.sum(axis=0) / total[:, None]
        by_score = -self.weights[:, None] * counted * shares
        by_background = -self.weights * (counted * each).sum(axis=1)
        by_f = by_score.reshape(-1) @ self.parts + self.hold * held
        by_t = (by_score @ self.offsets).sum() + by_background.sum() * self.background
        by_t += _SURENESS * (p.t - 1) - self.hold * held.sum()
        by_b = self.member @ by_score.sum(axis=0) + _COMMONNESS * p.b
        by_c = by_background.sum() + _SURENESS * p.c
        return float(value), np.concatenate([[by_t], by_f, by_b, [by_c]])

    def _shares(self, p: _Parameters) -> tuple[Floats, Floats]:
        """Return the moods' shares of the softmax, and the background's."""
        scores = (self.parts @ p.f).reshape(-1, len(self.offsets))
        scores += p.t * self.offsets + p.b @ self.member
        background = p.t * self.background + p.c
        top = np.maximum(scores.max(axis=1), background)
        powers, unclear = np.exp(scores - top[:, None]), np.exp(background - top)
        total = powers.sum(axis=1) + unclear
        return powers / total[:, None], unclear / total

    def _prior(self, p: _Parameters) -> float:
        held = self.hold * ((p.f - p.t) ** 2).sum() + _SURENESS * ((p.t - 1) ** 2 + p.c**2)
        return float(held + _COMMONNESS * (p.b**2).sum()) / 2


def _parts(model: SongModel, features: FeatureMatrix) -> NDArray[np.float32]:
    """Return what each feature says for each mood [shape=(n_features, n_tracks, n_moods)]."""
    at = np.stack([cells(name, features.column(name)) for name in model.features])
    at_large = np.take_along_axis(model.reference, at, axis=1)
    within = np.take_along_axis(model.catalog, at, axis=1)
    mixed = at_large + model.catalog_share * (within - at_large)
    return evidence(mixed, at_large, model.prototypes, model.weights, model.offered)


def _changed(model: SongModel, tracks: LabelledTracks, p: _Parameters) -> SongModel:
    """Return the model with the parameters, its moods equally common at large; kinds stay."""
    offered = model.offered > 0
    weights, offsets = model.weights.astype(np.float64), model.offsets.astype(np.float64)
    weights[offered] *= p.f
    ranks = _ranks_at_large(model.features)
    said = evidence(ranks, ranks, model.prototypes, weights, model.offered).sum(axis=0)
    fit_range, fits = fits_of(said.astype(np.float32), N_FITS)
    learnt = p.t * offsets[offered] + (p.b @ tracks.stands_for)[offered]
    background = p.t * float(model.background) + p.c
    offsets[offered], background = _common_at_large(said[:, offered], learnt, background)
    return replace(
        model,
        weights=weights.astype(np.float32),
        offsets=offsets.astype(np.float32),
        background=np.array(background, dtype=np.float32),
        fit_range=fit_range,
        fits=fits,
    )


@lru_cache(maxsize=1)  # cross-validation teaches many times
def _ranks_at_large(features: tuple[str, ...]) -> NDArray[np.float32]:
    at_large = music_at_large().select(features)
    return at_large.table.ranks(at_large.sample(SAMPLE)).T


def _common_at_large(
    said: NDArray[np.float32], offsets: Floats, background: float
) -> tuple[Floats, float]:
    """Return offsets of equally common moods; the background's share stays what was learnt."""
    scores = said.astype(np.float64)
    top = np.maximum((scores + offsets).max(axis=1), background)
    shared = np.exp(background - top)
    unclear = float(
        (shared / (np.exp(scores + offsets - top[:, None]).sum(axis=1) + shared)).mean()
    )
    for _ in range(_ROUNDS):
        offsets, background = equally_common(scores, offsets, background, unclear)
    return offsets, background
