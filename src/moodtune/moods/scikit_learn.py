"""What training takes of scikit-learn. Training only.

scikit-learn loads pandas where it is installed, only to know such tables when it meets them. It
meets none here, so it is imported without: 30 MB and a sixth of a second less.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _out_of_sight(module: str) -> Iterator[None]:
    """Let imports inside not find ``module``, unless it is loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment] # documented: the import then fails
    try:
        yield
    finally:
        del sys.modules[module]


with _out_of_sight("pandas"):
    from sklearn.cluster import KMeans, kmeans_plusplus
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

__all__ = ["ConvergenceWarning", "KMeans", "LogisticRegression", "kmeans_plusplus"]
