"""The song mood model: audio features to mood scores, with no human label.

Each feature is turned into a rank; each mood's score is a sum over features of how well the
track's rank suits the mood; a softmax makes them probabilities. As the sum is over features one
by one, the whole model is one lookup table per feature, and each feature's share is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.errors import BundleError, UsageError
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import N_CELLS, RankTable, cells
from moodtune.moods.reference import music_at_large
from moodtune.moods.scores import MoodScores
from moodtune.moods.taxonomy import Taxonomy

#: Tracks scored at once: their intermediate results stay in the processor's cache.
_BLOCK = 2048

_QUANTILES = 101


class SongModelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the song model is made.

    ``catalog_share``  how much of a rank is the rank within the catalog; the rest is music at large
    ``sure``           median over music at large of a track's largest probability
    ``kind_share``     share of music at large that each kind of recording (a mood not offered) has
    """

    catalog_share: float = 0.5
    sure: float = 0.45
    kind_share: float = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class SongModel:
    """``catalog`` and ``reference`` are mid-ranks per grid cell, float32 (n_features, N_CELLS).

    ``shared`` is the catalog's part of the mixed rank per mood, float32 (n_moods,).
    ``prototypes`` and ``weights`` are float32 (n_moods, n_features); ``offsets`` (n_moods,).
    ``plane`` gives valence and arousal as weights over features, float32 (2, n_features).
    ``quantiles`` of each mood's fit over music at large, float32 (n_moods, 101).
    """

    moods: tuple[str, ...]
    features: tuple[str, ...]
    catalog: NDArray[np.float32]
    reference: NDArray[np.float32]
    shared: NDArray[np.float32]
    prototypes: NDArray[np.float32]
    weights: NDArray[np.float32]
    offsets: NDArray[np.float32]
    plane: NDArray[np.float32]
    quantiles: NDArray[np.float32]
    _table: NDArray[np.float32] = field(init=False, repr=False, compare=False)
    _absolute: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_table", self._parts(self.shared))
        object.__setattr__(self, "_absolute", self._parts(np.zeros_like(self.shared)))

    def _parts(self, shared: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return each feature's part of each mood's score (n_features, N_CELLS, n_moods + 2)."""
        catalog, reference = self.catalog[:, :, None], self.reference[:, :, None]
        ranks = reference + shared * (catalog - reference)
        scores = -self.weights.T[:, None] * (ranks - self.prototypes.T[:, None]) ** 2
        plane = self.plane.T[:, None] * reference
        parts: NDArray[np.float32] = np.concatenate([scores, plane], axis=2, dtype=np.float32)
        return parts

    def score(self, features: FeatureMatrix) -> MoodScores:
        """Return the mood profile of each track; the tracks need not have been in training."""
        tracks = self._select(features)
        n, m = len(tracks), len(self.moods)
        probabilities = np.empty((n, m), dtype=np.float32)
        plane = np.empty((n, 2), dtype=np.float32)
        confidence = np.empty(n, dtype=np.float32)
        for start in range(0, n, _BLOCK):
            block = slice(start, start + _BLOCK)
            at = self._cells(tracks.values[block])
            sums = self._sum(self._table, at)
            probabilities[block] = _softmax(sums[:, :m] + self.offsets)
            plane[block] = sums[:, m:]
            leading = np.argmax(probabilities[block], axis=1)
            confidence[block] = self._fit(at, leading)
        plane = np.clip(plane, 0, 1)
        return MoodScores(
            moods=self.moods,
            probabilities=probabilities,
            valence=np.ascontiguousarray(plane[:, 0]),
            arousal=np.ascontiguousarray(plane[:, 1]),
            confidence=confidence,
        )

    def fit(self, features: FeatureMatrix, mood: str) -> NDArray[np.float32]:
        """Return the share of music at large that fits ``mood`` less well than each track does."""
        tracks = self._select(features)
        chosen = np.full(len(tracks), self.moods.index(mood))
        return self._fit(self._cells(tracks.values), chosen)

    def contributions(self, features: FeatureMatrix, mood: str) -> NDArray[np.float32]:
        """Return how much each feature speaks for ``mood`` [shape=(n_tracks, n_features)].

        A feature's part of the mood's score less the mean of its parts of the other moods'. The
        rows add up to the mood's score less the mean of the others', but for a constant.
        """
        at = self._cells(self._select(features).values)
        spoken = np.empty(at.shape, dtype=np.float32)
        for j, table in enumerate(self._against(self._table[:, :, : len(self.moods)], mood)):
            spoken[:, j] = table[at[:, j]]
        return spoken

    def _against(self, parts: NDArray[np.float32], mood: str) -> NDArray[np.float32]:
        m = self.moods.index(mood)
        others = (parts.sum(axis=2) - parts[:, :, m]) / max(len(self.moods) - 1, 1)
        difference: NDArray[np.float32] = parts[:, :, m] - others
        return difference

    def _fit(self, at: NDArray[np.int32], chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        sums = self._sum(self._absolute, at)[:, : len(self.moods)] + self.offsets
        chosen_score = np.take_along_axis(sums, chosen[:, None], axis=1)[:, 0]
        n_others = max(len(self.moods) - 1, 1)
        against = chosen_score - (sums.sum(axis=1) - chosen_score) / np.float32(n_others)
        fit = np.empty(len(at), dtype=np.float32)
        for m in range(len(self.moods)):
            rows = chosen == m
            fit[rows] = np.interp(against[rows], self.quantiles[m], np.linspace(0, 1, _QUANTILES))
        return fit

    def _select(self, features: FeatureMatrix) -> FeatureMatrix:
        missing = [name for name in self.features if name not in features.names]
        if missing:
            raise UsageError(
                f"this model needs the features {', '.join(self.features)}, and the table lacks "
                f"{', '.join(missing)}: train a model on a catalog with the same features"
            )
        return features.select(self.features)

    def _cells(self, values: NDArray[np.float32]) -> NDArray[np.int32]:
        at = np.empty(values.shape, dtype=np.int32)
        for j, name in enumerate(self.features):
            at[:, j] = cells(name, values[:, j])
        return at

    def _sum(self, table: NDArray[np.float32], at: NDArray[np.int32]) -> NDArray[np.float32]:
        total = table[0].take(at[:, 0], axis=0)
        for j in range(1, len(self.features)):
            total += table[j].take(at[:, j], axis=0)
        return total

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Return the model as plain arrays, strings as ``<U``."""
        return {
            "moods": np.array(self.moods),
            "features": np.array(self.features),
            **{name: getattr(self, name) for name in _ARRAYS},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[np.generic]]) -> "SongModel":
        """Return the model that ``state`` describes; BundleError if the arrays do not agree."""
        missing = [name for name in ("moods", "features", *_ARRAYS) if name not in state]
        if missing:
            raise BundleError(f"the song model lacks {', '.join(missing)}: train it again")
        moods = tuple(str(name) for name in state["moods"])
        features = tuple(str(name) for name in state["features"])
        m, k = len(moods), len(features)
        sizes = {"m": m, "k": k, "2": 2, "cells": N_CELLS, "quantiles": _QUANTILES}
        arrays = {}
        for name, axes in _ARRAYS.items():
            array, shape = state[name], tuple(sizes[axis] for axis in axes)
            if array.shape != shape or array.dtype != np.float32:
                raise BundleError(
                    f"the song model's {name} must be float32 {shape}, got {array.dtype} "
                    f"{array.shape}: train it again"
                )
            arrays[name] = array.astype(np.float32)
        return cls(moods=moods, features=features, **arrays)


_ARRAYS = {
    "catalog": ("k", "cells"),
    "reference": ("k", "cells"),
    "shared": ("m",),
    "prototypes": ("m", "k"),
    "weights": ("m", "k"),
    "offsets": ("m",),
    "plane": ("2", "k"),
    "quantiles": ("m", "quantiles"),
}


def train_song_model(
    features: FeatureMatrix, taxonomy: Taxonomy, settings: SongModelSettings | None = None
) -> SongModel:
    """Return the model of a catalog: its ranks, and the taxonomy's moods calibrated.

    Offsets and sharpness come from music at large, so that a catalog of one genre keeps the
    moods' meaning.
    """
    settings = settings or SongModelSettings()
    reference = music_at_large()
    names = features.names
    prototypes, weights = _cues(taxonomy, names)
    offered = np.array([mood.offered for mood in taxonomy.moods])
    shares = np.where(offered, (1 - settings.kind_share * (~offered).sum()) / offered.sum(), 0)
    shares = np.where(offered, shares, settings.kind_share)
    at_large = reference.select(names).mid_ranks()
    sample = reference.sample(20_000).select(names)
    ranks = RankTable.ranks(reference.select(names), sample)
    scores = -np.einsum("nmk,mk->nm", (ranks[:, None] - prototypes) ** 2, weights)
    sharpness, offsets = _calibrate(scores, shares, settings.sure)
    scaled = scores * sharpness + offsets
    against = scaled - (scaled.sum(1, keepdims=True) - scaled) / (len(offsets) - 1)
    return SongModel(
        moods=taxonomy.names,
        features=names,
        catalog=RankTable.of(features).mid_ranks(),
        reference=at_large,
        shared=np.where(offered, settings.catalog_share, 0).astype(np.float32),
        prototypes=prototypes.astype(np.float32),
        weights=(weights * sharpness).astype(np.float32),
        offsets=offsets.astype(np.float32),
        plane=_plane(names),
        quantiles=np.quantile(against, np.linspace(0, 1, _QUANTILES), axis=0)
        .T.astype(np.float32)
        .copy(),
    )


def _cues(
    taxonomy: Taxonomy, names: tuple[str, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    prototypes = np.zeros((len(taxonomy.moods), len(names)))
    weights = np.zeros_like(prototypes)
    for m, mood in enumerate(taxonomy.moods):
        for cue in mood.cues:
            if cue.feature in names:
                prototypes[m, names.index(cue.feature)] = cue.rank
                weights[m, names.index(cue.feature)] = cue.weight
        if not weights[m].any():
            for name, place in (("valence", mood.valence), ("energy", mood.arousal)):
                prototypes[m, names.index(name)] = place
                weights[m, names.index(name)] = 1
    sharp = np.array([1.0 if mood.offered else 20.0 for mood in taxonomy.moods])
    return prototypes, weights / weights.sum(axis=1, keepdims=True) * sharp[:, None]


def _plane(names: tuple[str, ...]) -> NDArray[np.float32]:
    recipes = (
        {"valence": 1.0, "danceability": 0.2},
        {"energy": 1.0, "loudness": 0.5, "tempo": 0.2, "acousticness": -0.3},
    )
    plane = np.array([[recipe.get(name, 0.0) for name in names] for recipe in recipes])
    scaled: NDArray[np.float32] = (plane / np.abs(plane).sum(1, keepdims=True)).astype(np.float32)
    return scaled


def _calibrate(
    scores: NDArray[np.float64], shares: NDArray[np.float64], sure: float
) -> tuple[float, NDArray[np.float64]]:
    """Return the sharpness and offsets that give the moods their shares and the median ``sure``."""
    low, high = 0.1, 1000.0
    offsets = np.zeros(scores.shape[1])
    for _ in range(25):
        sharpness = float(np.sqrt(low * high))
        offsets = _offsets(scores * sharpness, shares)
        median = np.median(_softmax(scores * sharpness + offsets).max(axis=1))
        low, high = (sharpness, high) if median < sure else (low, sharpness)
    return sharpness, offsets


def _offsets(scores: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    offsets = np.zeros(scores.shape[1])
    for _ in range(60):
        mean = _softmax(scores + offsets).mean(axis=0)
        offsets += np.log(shares / np.maximum(mean, 1e-12))
    centered: NDArray[np.float64] = offsets - offsets.mean()
    return centered


def _softmax(scores: NDArray[Any]) -> NDArray[Any]:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted
