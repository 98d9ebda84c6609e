"""Rows of tracks as sets: short ascending arrays."""

import numpy as np
from numpy.typing import NDArray


def ascending(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return each of ``rows`` once, ascending: for short lists quicker than `numpy.unique`."""
    ordered = np.sort(rows)
    return ordered[first_of_each(ordered)]


def first_of_each(ordered: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return which of ``ordered`` differ from the one before."""
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first
