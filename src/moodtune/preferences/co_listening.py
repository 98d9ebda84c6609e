"""Histories to weights between tracks, in closed form. Training only: this imports SciPy.

Up to `MAX_DENSE` tracks with a history, EASE: with X the 0/1 matrix of listeners and tracks,
the B with a zero diagonal that least squares choose for X ~ X B, with ridge l::

    P = (X'X + l I)^-1,   B_ij = -P_ij / P_jj,   B_jj = 0

(Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, equation 8). A pair of
tracks that few listeners share gets weights near 0: the ridge is what makes evidence count.

Beyond, the cosine between tracks, shrunk towards 0 where few listeners share them (Bell & Koren,
"Improved Neighborhood-based Collaborative Filtering", KDD Cup 2007)::

    B_ij = c_ij / sqrt(c_ii c_jj) * c_ij / (c_ij + s),   c = X'X

Only positive weights are kept: see docs/decisions/0004-taste.md. Memory: EASE holds one float64
matrix of MAX_DENSE^2 (512 MB), item-item none; beside it either holds blocks of at most
`BLOCK_CELLS` pairs of tracks (some 500 MB if every one of them is shared).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from moodtune.preferences.histories import Histories

#: Tracks with a history that EASE is used for; the inverse grows with the cube of their number.
MAX_DENSE = 8_000

#: Tracks of one listener that are learnt from; of more, that many evenly over the catalog's order.
MAX_TRACKS_EACH = 1_000

#: Pairs of tracks that item-item looks at together.
BLOCK_CELLS = 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Entries of B: ``weights`` at ``rows`` and ``columns``, in order of rows, then of columns."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    weights: NDArray[np.float32]


def matrix(histories: Histories) -> tuple[NDArray[np.intp], csr_array]:
    """Return the tracks that anyone has, ascending, and the 0/1 matrix of listeners and them."""
    place = np.arange(len(histories.rows)) - np.repeat(histories.starts[:-1], histories.lengths)
    every = -(-histories.lengths // MAX_TRACKS_EACH)
    kept = histories.keep(place % np.repeat(np.maximum(every, 1), histories.lengths) == 0)
    tracks, columns = np.unique(kept.rows, return_inverse=True)
    ones = np.ones(len(columns))
    shape = (len(kept), len(tracks))
    return tracks.astype(np.intp), csr_array((ones, columns, kept.starts), shape=shape)


def ease(listened: csr_array, *, ridge: float, count: int) -> Entries:
    """Return the ``count`` largest entries of each row of EASE's B."""
    inverse = _inverse(_gram(listened), ridge)
    diagonal = inverse.diagonal().copy()
    parts = []
    for rows in _blocks(len(inverse)):
        block = -inverse[rows] / diagonal
        block[np.arange(len(rows)), rows] = 0
        parts.append(_strongest_of_dense(block, rows, count))
    return _joined(parts)


def _gram(listened: csr_array) -> NDArray[np.float64]:
    n = listened.shape[1]
    turned = listened.T.tocsr()
    gram = np.empty((n, n))
    for rows in _blocks(n):
        gram[rows] = (turned[rows] @ listened).toarray()
    return gram


def _inverse(gram: NDArray[np.float64], ridge: float) -> NDArray[np.float64]:
    """Return the inverse of ``gram`` with the ridge, in the memory of ``gram``."""
    gram[np.diag_indices(len(gram))] += ridge
    # One thread: the last bits of a factorization change with their number.
    with threadpool_limits(limits=1):
        factor, failed = dpotrf(gram.T, lower=False, overwrite_a=True, clean=False)
        turned, failed_too = dpotri(factor, lower=False, overwrite_c=True)
    if failed or failed_too:
        raise ArithmeticError(f"a ridge of {ridge} leaves the tracks' matrix singular")
    inverse: NDArray[np.float64] = turned.T  # in C order, and filled in its lower triangle
    for rows in _blocks(len(inverse)):
        start, end = rows[0], rows[-1] + 1
        inverse[start:end, end:] = inverse[end:, start:end].T
        square = np.tril(inverse[start:end, start:end])
        inverse[start:end, start:end] = square + np.tril(square, -1).T
    return inverse


def item_item(listened: csr_array, *, shrinkage: float, count: int) -> Entries:
    """Return the ``count`` largest entries of each row of item-item's B."""
    turned = listened.T.tocsr()
    lengths = np.sqrt(np.asarray(listened.sum(axis=0)).ravel())
    parts = []
    for rows in _blocks(listened.shape[1]):
        shared = (turned[rows] @ listened).tocoo()
        row, column, c = rows[shared.row], shared.col.astype(np.intp), shared.data
        weights = c / (lengths[row] * lengths[column]) * c / (c + shrinkage)
        others = row != column
        parts.append(_strongest(row[others], column[others], weights[others], count))
    return _joined(parts)


def _blocks(n: int) -> Iterator[NDArray[np.intp]]:
    """Yield all of ``n`` rows in blocks of no more than BLOCK_CELLS cells of ``n`` columns."""
    step = max(BLOCK_CELLS // max(n, 1), 1)
    for start in range(0, n, step):
        yield np.arange(start, min(start + step, n))


def _strongest_of_dense(block: NDArray[np.float64], rows: NDArray[np.intp], count: int) -> Entries:
    least = np.zeros(len(rows))
    if count < block.shape[1]:
        least = np.partition(block, -count, axis=1)[:, -count]
    row, column = np.nonzero((block >= least[:, None]) & (block > 0))
    return _strongest(rows[row], column, block[row, column], count)


def _strongest(
    row: NDArray[np.intp], column: NDArray[np.intp], weights: NDArray[np.float64], count: int
) -> Entries:
    """Return the ``count`` largest entries of each row; of equal ones the first columns."""
    order = np.lexsort((column, -weights, row))
    row, column, weights = row[order], column[order], weights[order]
    first = np.searchsorted(row, row)
    kept = np.arange(len(row)) - first < count
    row, column, weights = row[kept], column[kept], weights[kept]
    order = np.lexsort((column, row))
    return Entries(
        rows=row[order], columns=column[order], weights=weights[order].astype(np.float32)
    )


def _joined(parts: list[Entries]) -> Entries:
    return Entries(
        rows=np.concatenate([part.rows for part in parts]),
        columns=np.concatenate([part.columns for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
    )
