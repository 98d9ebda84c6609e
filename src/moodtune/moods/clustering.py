"""Clusters of tracks that sound alike: KMeans on standardised features.

KMeans ends in the nearest local optimum, and which one hangs on where it starts: on 89,741 real
tracks single fits end up to a few per cent apart. So the search is a funnel: many starts on a
small sample, the best different ones refined on a larger one, the best of those on the whole
sample, and the lowest inertia wins. The figures are in docs/decisions/0002-clusters.md.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.ahead import in_blocks
from moodtune.catalog.id_order import ascending
from moodtune.catalog.sampling import keyed_hashes, smallest
from moodtune.errors import BundleError, TooLittleDataError, UsageError
from moodtune.features.matrix import FeatureMatrix

#: Tracks assigned at once: few enough that what lies between stays in the processor's cache.
_BLOCK = 4096

MAX_CLUSTERS = 256

#: The finest difference of the features is 1e-6, of instrumentalness.
_NO_SPREAD = 1e-9


class ClusterSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the clusters are found.

    ``clusters``       how many, or ``auto``: the knee of log inertia over log number of clusters
    ``sample``         tracks that are clustered; the others are assigned to their nearest centroid
    ``search_sample``  tracks of it that the starts are fitted on
    ``starts``         fits from different starts, of which the best are refined
    ``refine_sample``  tracks that the best different ``refined`` are refined on
    ``finalists``      how many of those are refined on the whole sample
    ``auto_sample``    tracks on which ``auto`` looks for the knee
    ``auto_limit``     most clusters that ``auto`` tries
    """

    clusters: Annotated[int, msgspec.Meta(ge=1, le=MAX_CLUSTERS)] | Literal["auto"] = 12
    sample: Annotated[int, msgspec.Meta(ge=1)] = 100_000
    search_sample: Annotated[int, msgspec.Meta(ge=1)] = 8_000
    starts: Annotated[int, msgspec.Meta(ge=1)] = 60
    refine_sample: Annotated[int, msgspec.Meta(ge=1)] = 30_000
    refined: Annotated[int, msgspec.Meta(ge=1)] = 20
    finalists: Annotated[int, msgspec.Meta(ge=1)] = 6
    auto_sample: Annotated[int, msgspec.Meta(ge=1)] = 5_000
    auto_limit: Annotated[int, msgspec.Meta(ge=3, le=MAX_CLUSTERS)] = 24


@dataclass(frozen=True, kw_only=True)
class Clustering:
    """Where the clusters lie; they are numbered from the largest in the sample to the smallest.

    ``features``   names of the features, in order
    ``mean``       of each feature over the sample, its own unit, float64 [shape=(n_features,)]
    ``scale``      its standard deviation, 1 where it does not vary, float64 [shape=(n_features,)]
    ``centroids``  standardised, float32 [shape=(n_clusters, n_features)]
    ``inertia``    mean over the sample of the squared standardised distance to the own centroid
    ``notes``      sentences about what a reader should know (fewer clusters than asked for, ...)
    """

    features: tuple[str, ...]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    centroids: NDArray[np.float32]
    inertia: float
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.centroids)

    @cached_property
    def _halves(self) -> NDArray[np.float32]:
        """Half the squared length of each centroid [shape=(n_clusters, 1)]."""
        squares = (self.centroids.astype(np.float64) ** 2).sum(axis=1, keepdims=True)
        halves: NDArray[np.float32] = (squares / 2).astype(np.float32)
        return halves

    def assign(self, features: FeatureMatrix) -> NDArray[np.int32]:
        """Return the number of each track's nearest centroid [shape=(n_tracks,)].

        The same alone and in any batch; of two that are equally near, the smaller number.
        UsageError if a feature that was clustered is missing.
        """
        tracks = selected(features, self.features)
        numbers = np.empty(len(tracks), dtype=np.int32)

        def assign(block: slice) -> None:
            numbers[block] = np.argmin(self._comparable(tracks.values[block]), axis=0)

        in_blocks(assign, len(tracks), _BLOCK)
        return numbers

    def own_distances(
        self, features: FeatureMatrix, numbers: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Return each track's standardised distance to the centroid of its number (n_tracks,)."""
        tracks = selected(features, self.features)
        away = np.empty(len(tracks), dtype=np.float32)

        def measure(block: slice) -> None:
            z = standardised(tracks.values[block], self.mean, self.scale)
            away[block] = np.sqrt(((z - self.centroids[numbers[block]]) ** 2).sum(axis=1))

        in_blocks(measure, len(tracks), _BLOCK)
        return away

    def _comparable(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return half the squared distances less what all clusters share (n_clusters, n)."""
        z = np.ascontiguousarray(standardised(values, self.mean, self.scale).T)
        away = np.repeat(self._halves, z.shape[1], axis=1)
        part = np.empty_like(away)
        # Feature by feature and not by a matrix product, whose last bits hang on the batch.
        for row, column in zip(z, self.centroids.T, strict=True):
            np.multiply(row, column[:, None], out=part)
            away -= part
        return away

    def centroids_in_units(self) -> NDArray[np.float64]:
        """Return the centroids in the features' own units [shape=(n_clusters, n_features)]."""
        own: NDArray[np.float64] = self.centroids * self.scale + self.mean
        return own

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the clusters as plain arrays, names as ``<U``."""
        return {
            "features": np.array(self.features),
            "mean": self.mean,
            "scale": self.scale,
            "centroids": self.centroids,
            "inertia": np.array(self.inertia),
            "notes": np.array(self.notes, dtype=np.str_),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> "Clustering":
        """Return the clusters that ``state`` describes; BundleError if its arrays do not agree."""
        missing = [name for name in _ARRAYS if name not in state]
        if missing:
            raise BundleError(f"the clusters lack {', '.join(missing)}; train the model again")
        sizes = {
            "m": len(np.atleast_1d(state["features"])),
            "k": len(np.atleast_1d(state["centroids"])),
        }
        sizes["any"] = len(np.atleast_1d(state["notes"]))
        for name, (kind, axes) in _ARRAYS.items():
            _check_array(name, state[name], kind, tuple(sizes[axis] for axis in axes))
        if not (state["scale"] > _NO_SPREAD).all() or not sizes["k"]:
            raise BundleError("the clusters have no spread or no centroid; train the model again")
        return cls(
            features=tuple(str(name) for name in state["features"]),
            mean=state["mean"],
            scale=state["scale"],
            centroids=state["centroids"],
            inertia=float(state["inertia"]),
            notes=tuple(str(note) for note in state["notes"]),
        )


#: Kind and axes of each array of a clustering: m features, k clusters.
_ARRAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "features": ("U", ("m",)),
    "mean": ("f8", ("m",)),
    "scale": ("f8", ("m",)),
    "centroids": ("f4", ("k", "m")),
    "inertia": ("f8", ()),
    "notes": ("U", ("any",)),
}


def _check_array(name: str, array: NDArray[Any], kind: str, shape: tuple[int, ...]) -> None:
    is_kind = array.dtype.kind == "U" if kind == "U" else array.dtype == np.dtype(kind)
    if array.shape != shape or not is_kind:
        raise BundleError(
            f"the clusters' {name} must be {kind} {shape}, got {array.dtype} {array.shape}; "
            "train the model again"
        )
    if kind != "U" and not np.isfinite(array).all():
        raise BundleError(f"the clusters' {name} are not all finite; train the model again")


def selected(features: FeatureMatrix, names: tuple[str, ...]) -> FeatureMatrix:
    """Return the columns ``names``; UsageError if one is missing."""
    missing = [name for name in names if name not in features.names]
    if missing:
        raise UsageError(
            f"the clusters were made of {', '.join(names)}, and the table lacks "
            f"{', '.join(missing)}; train a model on a catalog with the table's features"
        )
    return features.select(names)


def standardised(
    values: NDArray[np.float32], mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the values less the mean, in units of the scale, as float32."""
    centered = values - mean.astype(np.float32)
    centered /= scale.astype(np.float32)
    return centered


def fewer(found: int, wanted: int) -> str:
    """Return the note that there are fewer clusters than were asked for."""
    return f"{found} clusters instead of {wanted}: there are no more tracks that sound different"


def load_ahead() -> None:
    """Import what clustering needs: it takes a second, in which tables can be read."""
    import_module("scipy.sparse")
    import_module("moodtune.moods.cluster_search")


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Let several threads of the program cluster at once, each alone: the results are the same.

    How many threads the libraries have, and which warnings are shown, is the whole program's: it
    is said here once, and what each thread says then changes nothing.
    """
    from threadpoolctl import threadpool_limits

    from moodtune.moods.scikit_learn import ConvergenceWarning  # training only

    with threadpool_limits(limits=1), warnings.catch_warnings():
        # Tracks that differ by less than float32 can tell: an empty cluster is left out later.
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def cluster(
    features: FeatureMatrix, track_ids: pl.Series, settings: ClusterSettings, seed: int
) -> Clustering:
    """Return the clusters of a catalog; TooLittleDataError if it is empty.

    The result hangs on the tracks, the settings and the seed, and not on the order of the rows
    or the number of threads.
    """
    from moodtune.moods.cluster_search import best_centroids  # training only: scikit-learn

    if len(features) == 0:
        raise TooLittleDataError("there are no tracks to cluster; name a catalog with some")
    hashes = keyed_hashes(track_ids, seed, "clusters")
    rows = smallest(hashes, settings.sample)
    rows = rows[ascending(track_ids.gather(rows))]
    sample = features.values[rows]
    mean = sample.mean(axis=0, dtype=np.float64)
    scale = sample.std(axis=0, dtype=np.float64)
    # What rounding leaves of a feature that is constant is no spread.
    scale[scale <= np.maximum(np.abs(mean) * 1e-6, _NO_SPREAD)] = 1
    z = standardised(sample, mean, scale)
    centroids, notes = best_centroids(z, hashes[rows], settings, seed)
    found = Clustering(
        features=features.names, mean=mean, scale=scale, centroids=centroids, inertia=0.0
    )
    return _numbered(found, FeatureMatrix(names=features.names, values=sample), notes)


def _numbered(found: Clustering, sample: FeatureMatrix, notes: tuple[str, ...]) -> Clustering:
    """Return the clusters from the largest to the smallest, empty ones left out.

    By the sizes before the last change of order: of tracks that are equally near to two clusters
    it may have moved some.
    """
    numbered, numbers = found, found.assign(sample)
    while True:
        sizes = np.bincount(numbers, minlength=len(numbered))
        order = np.lexsort((*numbered.centroids.T[::-1], -sizes))
        numbered = replace(numbered, centroids=numbered.centroids[order[sizes[order] > 0]])
        numbers = numbered.assign(sample)
        # A track that is equally near to two goes to the first, which may be the other now.
        if np.bincount(numbers, minlength=len(numbered)).all():
            break
    if len(numbered) < len(found):
        notes = (*notes, fewer(len(numbered), len(found)))
    z = standardised(sample.values, found.mean, found.scale)
    inertia = ((z - numbered.centroids[numbers]).astype(np.float64) ** 2).sum(axis=1).mean()
    return replace(numbered, inertia=float(inertia), notes=notes)
