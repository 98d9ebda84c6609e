"""The song mood model: audio features to mood scores, with no human label.

Each feature becomes a rank r_j in [0, 1]: partly the rank within the catalog, partly within music
at large. Each mood m is a point p_mj in the same space, and scores a track by how near it is::

    s_m = offset_m - sum over features j of weight_mj * huber(r_j - p_mj)
    q_m = (exp(s_m) + exp(b) / M) / (sum over moods of exp(s) + exp(b))

b is a background that all M moods share, so that a track unlike any of them has no clear mood,
and those that lead a list are typical of its mood, not merely far from the others. A kind of
recording (talkative, live) is no point but a threshold in log-odds of rank, at large only::

    a_kj = weight_kj * (logit(r_j) - logit(p_kj))
    l_k = sum over its cues of a_kj, or of log(1 / (1 + exp(-a_kj))) where p_kj < 1/2
    p_k = exp(l_k) / (1 + sum over kinds of exp(l)),   p_m = q_m * (1 - sum over kinds of p_k)

A threshold under 1/2 is what most tracks pass: to pass it says nothing, to fail it speaks against.

Valence and arousal are sums of normal scores, given as the rank of a normal quantity.

As every score is a sum over features, the whole model is one table per feature to look up, and
what each feature says for a mood is known exactly. Why it is so: docs/decisions/0001-mood-model.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.ahead import in_blocks
from moodtune.errors import BundleError, UsageError
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import N_CELLS, RankTable, grid
from moodtune.moods.calibration import calibrate, fits_of
from moodtune.moods.mood_points import UNHEARD, mood_points
from moodtune.moods.mood_space import MIDDLE, Places, evidence, softmax, split, summed
from moodtune.moods.normal_scores import normal_scores, ranks_of
from moodtune.moods.plane import Plane
from moodtune.moods.reference import music_at_large
from moodtune.moods.scores import MoodScores
from moodtune.moods.taxonomy import Taxonomy

#: Tracks scored at once: few enough that what lies between stays in the processor's cache.
BLOCK = 4096

#: Steps from the worst fit of music at large to the best that a fit is looked up in.
N_FITS = 256

#: Made-up tracks of music at large that the moods are calibrated on.
SAMPLE = 8192

#: A mood lies in an outer third of a feature from this distance of rank from the middle.
OUTER = 1 / 6

#: Name and axes of each array of a model: m moods, k features.
_ARRAYS: dict[str, tuple[str, ...]] = {
    "offered": ("m",),
    "catalog": ("k", "cells"),
    "reference": ("k", "cells"),
    "catalog_share": (),
    "prototypes": ("m", "k"),
    "weights": ("m", "k"),
    "offsets": ("m",),
    "background": (),
    "plane": ("2", "k"),
    "fit_range": ("m", "2"),
    "fits": ("m", "fits"),
}


@dataclass(frozen=True, kw_only=True)
class SongModel:
    """Moods as points in rank space. All arrays are float32.

    ``offered``        1 for a mood, 0 for a kind of recording [shape=(n_moods,)]
    ``catalog``        mid-rank within the catalog per grid cell [shape=(n_features, N_CELLS)]
    ``reference``      the same within music at large
    ``catalog_share``  how much of a mood's rank is the catalog's, in [0, 1] [shape=()]
    ``prototypes``     where each mood lies, or where a kind begins [shape=(n_moods, n_features)]
    ``weights``        how much each feature counts [shape=(n_moods, n_features)]
    ``offsets``        how common each mood is, in the unit of the scores [shape=(n_moods,)]
    ``background``     b of the module's formula [shape=()]
    ``plane``          weights of normal scores at large in valence and arousal, which then have
                       standard deviation 1 [shape=(2, n_features)]
    ``fit_range``      evidence at the first and last of ``fits`` [shape=(n_moods, 2)]
    ``fits``           share of music at large with less evidence [shape=(n_moods, N_FITS)]
    """

    moods: tuple[str, ...]
    features: tuple[str, ...]
    offered: NDArray[np.float32]
    catalog: NDArray[np.float32]
    reference: NDArray[np.float32]
    catalog_share: NDArray[np.float32]
    prototypes: NDArray[np.float32]
    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]
    background: NDArray[np.float32]
    plane: NDArray[np.float32]
    fit_range: NDArray[np.float32]
    fits: NDArray[np.float32]
    _first_cells: NDArray[np.int32] = field(init=False, repr=False, compare=False)
    _lows: NDArray[np.float32] = field(init=False, repr=False, compare=False)
    _scales: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first = np.arange(len(self.features), dtype=np.int32) * np.int32(N_CELLS)
        lows, highs = np.array([grid(name) for name in self.features]).T
        object.__setattr__(self, "_first_cells", first)
        object.__setattr__(self, "_lows", lows.astype(np.float32))
        object.__setattr__(self, "_scales", (N_CELLS / (highs - lows)).astype(np.float32))

    @cached_property
    def _parts(self) -> NDArray[np.float32]:
        """Each feature's part of each score, then of the plane (n_features * N_CELLS, m + 2)."""
        mixed = self.reference + self.catalog_share * (self.catalog - self.reference)
        plane = self.plane.T[:, None] * normal_scores(self.reference)[:, :, None]
        scores = evidence(mixed, self.reference, self.prototypes, self.weights, self.offered)
        parts = np.concatenate([scores, plane.astype(np.float32)], axis=2)
        return parts.reshape(-1, len(self.moods) + 2)

    @cached_property
    def _absolute(self) -> NDArray[np.float32]:
        """Each feature's part of each mood's evidence by ranks at large alone, flat."""
        ranks = self.reference
        return evidence(ranks, ranks, self.prototypes, self.weights, self.offered).reshape(-1)

    @cached_property
    def _fit_steps(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The evidence at each mood's first step of fit, and steps per unit of evidence."""
        low, high = self.fit_range.T
        steps = (N_FITS - 1) / np.maximum(high - low, np.float32(1e-6))
        return low, steps.astype(np.float32)

    @cached_property
    def _is_mood(self) -> NDArray[np.bool_]:
        return self.offered.astype(bool)

    @cached_property
    def _places(self) -> tuple[Places, Places]:
        return split(self._is_mood)

    def among(self, features: FeatureMatrix) -> "SongModel":
        """Return the same moods with the ranks of another catalog, of ``features`` as this one."""
        return replace(self, catalog=RankTable.of(features).mid_ranks().astype(np.float32))

    def score(self, features: FeatureMatrix) -> MoodScores:
        """Return the mood profile of each track; the tracks need not have been in training.

        A track's scores are the same bits alone and in any batch. UsageError if a feature that
        the model was trained on is missing.
        """
        values = self._select(features).values
        if len(values) <= BLOCK:
            return self._scores(*self._score_block(values))
        probabilities = np.empty((len(values), len(self.moods)), dtype=np.float32)
        plane = np.empty((2, len(values)), dtype=np.float32)
        confidence = np.empty(len(values), dtype=np.float32)

        def score(block: slice) -> None:
            scored = self._score_block(values[block])
            probabilities[block], plane[:, block], confidence[block] = scored

        in_blocks(score, len(values), BLOCK)
        return self._scores(probabilities, plane, confidence)

    def _score_block(
        self, values: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return probabilities (n, m), places on the plane (2, n) and confidence (n,)."""
        at, m = self._cells(values), len(self.moods)
        sums = self._sums(at)
        probabilities = self._probabilities(sums[:, :m])
        confidence = self._fit(at, probabilities.argmax(axis=1))
        return probabilities, ranks_of(sums[:, m:].T), confidence

    def _scores(
        self,
        probabilities: NDArray[np.float32],
        plane: NDArray[np.float32],
        confidence: NDArray[np.float32],
    ) -> MoodScores:
        return MoodScores(
            moods=self.moods,
            probabilities=probabilities,
            valence=plane[0],
            arousal=plane[1],
            confidence=confidence,
        )

    def fit(self, features: FeatureMatrix, mood: str) -> NDArray[np.float32]:
        """Return the share of music at large that fits ``mood`` less well than each track.

        In [0, 1] [shape=(n_tracks,)], whatever the catalog that the model was trained on.
        """
        values = self._select(features).values
        return self.fit_each(values, np.full(len(values), self.moods.index(mood)))

    def fit_each(
        self, values: NDArray[np.float32], moods: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return the same of a mood for each track, by its number [shape=(n_tracks,)].

        ``values`` of the model's features, in its order [shape=(n_tracks, n_features)].
        """
        return self._fit(self._cells(values), moods.astype(np.intp))

    def contributions(self, features: FeatureMatrix, mood: str) -> NDArray[np.float32]:
        """Return how much each feature speaks for ``mood`` [shape=(n_tracks, n_features)].

        For a mood: the feature's part of its score less the mean of the parts of the other
        offered moods; a row adds up to s_m less the mean of the others' s, but for the offsets.
        For a kind of recording: the feature's part of l_k; a row adds up to l_k.
        """
        return self.spoken(self._select(features).values, self.moods.index(mood))

    def spoken(self, values: NDArray[np.float32], column: int) -> NDArray[np.float32]:
        """Return the same of a mood by its number, for ``values`` of the model's features."""
        others = self._is_mood.copy()
        others[column] = False
        parts = self._parts.take(self._cells(values), axis=0)
        told: NDArray[np.float32] = parts[..., column]
        if self.offered[column] and others.any():
            told = told - parts[..., : len(self.moods)][..., others].mean(axis=-1)
        return told

    def ranks(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the ranks within the catalog of ``values`` of the model's features, shaped alike.

        In [0, 1]; both are [shape=(n_tracks, n_features)].
        """
        return self.catalog.reshape(-1).take(self._cells(values))

    def marks(self, mood: str) -> tuple[str, ...]:
        """Return the features that mark ``mood``: those on which it lies in an outer third.

        For a kind of recording: those of which it takes more than most tracks have.
        """
        row = self.moods.index(mood)
        ranks, offered = self.prototypes[row], bool(self.offered[row])
        outer = (
            np.abs(ranks - MIDDLE) >= OUTER
            if offered
            else (ranks >= MIDDLE) & (self.weights[row] > 0)
        )
        return tuple(name for name, marks in zip(self.features, outer, strict=True) if marks)

    def _select(self, features: FeatureMatrix) -> FeatureMatrix:
        missing = [name for name in self.features if name not in features.names]
        if missing:
            raise UsageError(
                f"the model was trained on {', '.join(self.features)}, and the table lacks "
                f"{', '.join(missing)}; train a model on a catalog with the table's features"
            )
        return features.select(self.features)

    def _cells(self, values: NDArray[np.float32]) -> NDArray[np.int32]:
        """Return the row of ``_parts`` of each value [shape=(n_tracks, n_features)]."""
        at = (values - self._lows) * self._scales  # as features.ranks.cells, in one go
        np.minimum(np.maximum(at, 0, out=at), N_CELLS - 1, out=at)
        rows: NDArray[np.int32] = at.astype(np.int32) + self._first_cells
        return rows

    def _sums(self, at: NDArray[np.int32]) -> NDArray[np.float32]:
        # Feature by feature and not by a matrix product, whose last bits hang on the batch.
        sums: NDArray[np.float32] = summed(self._parts.take(at.T, axis=0))
        return sums

    def _probabilities(self, sums: NDArray[np.float32]) -> NDArray[np.float32]:
        return softmax(sums + self.offsets, self.background, self._places)

    def _fit(self, at: NDArray[np.int32], chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the share of music at large with less evidence for the ``chosen`` mood."""
        n_moods = np.int32(len(self.moods))
        picked = chosen.astype(np.int32)
        said = self._absolute.take(at.T * n_moods + picked)
        total = summed(said)
        lowest, steps = self._fit_steps
        step = (total - lowest[picked]) * steps[picked]
        np.minimum(np.maximum(step, 0, out=step), N_FITS - 1, out=step)
        fit: NDArray[np.float32] = self.fits[picked, step.astype(np.int32)]
        return fit

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the model as plain arrays, names as ``<U``."""
        names = {"moods": np.array(self.moods), "features": np.array(self.features)}
        return names | {name: getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> "SongModel":
        """Return the model that ``state`` describes; BundleError if its arrays do not agree."""
        missing = [name for name in ("moods", "features", *_ARRAYS) if name not in state]
        if missing:
            raise BundleError(f"the song model lacks {', '.join(missing)}; train it again")
        moods = tuple(str(name) for name in state["moods"])
        features = tuple(str(name) for name in state["features"])
        sizes = {"m": len(moods), "k": len(features), "cells": N_CELLS, "fits": N_FITS, "2": 2}
        for name, axes in _ARRAYS.items():
            array, shape = state[name], tuple(sizes[axis] for axis in axes)
            if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
                raise BundleError(
                    f"the song model's {name} must be finite float32 {shape}, got {array.dtype} "
                    f"{array.shape}; train it again"
                )
        return cls(moods=moods, features=features, **{name: state[name] for name in _ARRAYS})


class SongModelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the song model is made.

    ``catalog_share``  how much of a rank is the rank within the catalog, in [0, 1]; the rest is
                       the rank within music at large
    ``clearness``      median over music at large of a track's largest probability
    ``unclear``        share of music at large's probability that is the background's, which all
                       moods share alike
    """

    catalog_share: float = 0.5
    clearness: float = 0.35
    unclear: float = 0.1


def train_song_model(
    features: FeatureMatrix, taxonomy: Taxonomy, settings: SongModelSettings | None = None
) -> SongModel:
    """Return the song model of a catalog: its ranks, and the taxonomy's moods among them.

    Nothing random and no label goes into it; the order of the tracks does not matter.
    """
    settings = settings or SongModelSettings()
    names, music = features.names, music_at_large()
    plane, at_large = Plane.of(music), music.select(features.names)
    points = mood_points(taxonomy, names, plane)
    moods = points.offered > 0
    ranks = at_large.table.ranks(at_large.sample(SAMPLE)).T
    said = evidence(ranks, ranks, points.prototypes, points.weights, points.offered).sum(axis=0)
    calibration = calibrate(said[:, moods], clearness=settings.clearness, unclear=settings.unclear)
    sharpness = np.where(moods, calibration.sharpness, 1.0)
    offsets = np.where(points.unheard, UNHEARD, 0.0)
    offsets[moods] = calibration.offsets
    fit_range, fits = fits_of((said * sharpness).astype(np.float32), N_FITS)
    arrays: dict[str, NDArray[Any]] = {
        "offered": points.offered,
        "catalog": RankTable.of(features).mid_ranks(),
        "reference": at_large.table.mid_ranks(),
        "catalog_share": np.array(settings.catalog_share),
        "prototypes": points.prototypes,
        "weights": points.weights * sharpness[:, None],
        "offsets": offsets,
        "background": np.array(calibration.background),
        "plane": plane.weights(names),
        "fit_range": fit_range,
        "fits": fits,
    }
    singles = {name: array.astype(np.float32) for name, array in arrays.items()}
    return SongModel(moods=taxonomy.names, features=names, **singles)
