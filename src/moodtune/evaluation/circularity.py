"""The circularity guard: whether labels were given by people, or computed from the same columns.

Labels that a shallow tree, or a straight line, reproduces almost exactly from a track's own numbers
were most likely made from these numbers. To agree with them is fidelity to a rule, and says nothing
about what people hear. The model itself is asked too: nobody agrees so well with anybody.
"""

import warnings
from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.evaluation.agreement_metrics import mid_ranks
from moodtune.evaluation.label_units import Units
from moodtune.seeding import derive

#: Share that must be reproduced on tracks not learnt from: balanced accuracy, or R2 of ranks.
THRESHOLD = 0.95
MAX_DEPTH = 4
_FOLDS = 5
#: Units per label, or on an axis, below which cross-validation says nothing.
_LEAST_PER_LABEL = 5
_LEAST_ON_AXIS = 20
#: Units that rules are tried on at most: what is reproduced on these is reproduced on all.
_MOST_UNITS = 20_000

TREE = f"a tree of depth {MAX_DEPTH}"
LINE = "a linear rule"
MODEL = "the model itself"


class Circularity(msgspec.Struct, frozen=True, kw_only=True):
    """How well the labels can be computed from the tracks' own numbers.

    ``score``     of the best of the rules tried, out of fold: balanced accuracy of labels, R2 of
                  the ranks of an axis; None where there are too few units to say
    ``rule``      which rule that is
    ``baseline``  what always the same answer scores
    ``columns``   the numbers that the rules may use
    ``folds``     how the units were held out: by track, or by the group column
    """

    score: float | None
    rule: str | None
    measure: str
    baseline: float
    threshold: float
    columns: tuple[str, ...]
    folds: str

    @property
    def is_circular(self) -> bool:
        """Whether agreement with these labels must be called fidelity."""
        return self.score is not None and self.score >= self.threshold


def of_labels(
    units: Units, n_labels: int, named: NDArray[np.intp], *, by: str, seed: int
) -> Circularity:
    """Ask rules for the labels; ``named`` is the model's own choice [shape=(n_units,)]."""
    counts = np.bincount(units.label, minlength=n_labels)
    rules: dict[str, float] = {}
    folds = None
    if counts.min() >= _LEAST_PER_LABEL:
        folds = _label_folds(units, n_labels, by, seed)
        some = _some(len(units), seed)
        truth = units.label[some]
        for rule, predicted in _named_by_rules(_numbers(units)[some], truth, folds[0][some]):
            rules[rule] = balanced_accuracy(truth, predicted, n_labels)
        rules[MODEL] = balanced_accuracy(units.label, named, n_labels)
    return _best(rules, "balanced accuracy", 1 / n_labels, units, folds[1] if folds else by)


def of_axis(units: Units, scored: NDArray[np.float64], *, by: str, seed: int) -> Circularity:
    """Ask rules for the ranks of people's values; ``scored`` is the model's [shape=(n_units,)]."""
    rules: dict[str, float] = {}
    folds = None
    if len(units) >= _LEAST_ON_AXIS:
        folds = _folds_of(units, by, seed)
        some, ranks = _some(len(units), seed), _ranks(units.value)
        truth = ranks[some]
        for rule, predicted in _predicted_by_rules(_numbers(units)[some], truth, folds[0][some]):
            rules[rule] = r2(truth, predicted)
        rules[MODEL] = _squared_correlation(ranks, _ranks(scored))
    return _best(rules, "R2 of ranks", 0.0, units, folds[1] if folds else by)


def balanced_accuracy(truth: NDArray[np.intp], predicted: NDArray[np.intp], n_labels: int) -> float:
    """Return the mean over the labels there are of the share of units that are named right."""
    counts = np.bincount(truth, minlength=n_labels)
    right = np.bincount(truth, weights=truth == predicted, minlength=n_labels)
    return float((right[counts > 0] / counts[counts > 0]).mean())


def r2(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> float:
    """Return 1 - the squared error's share of the variance; 0 is as good as the mean."""
    return float(1 - ((truth - predicted) ** 2).sum() / ((truth - truth.mean()) ** 2).sum())


def _best(
    rules: dict[str, float], measure: str, baseline: float, units: Units, folds: str
) -> Circularity:
    rule = max(rules, key=lambda name: rules[name]) if rules else None
    return Circularity(
        score=None if rule is None else rules[rule],
        rule=rule,
        measure=measure,
        baseline=baseline,
        threshold=THRESHOLD,
        columns=tuple(units.columns.columns),
        folds=folds,
    )


def _some(n: int, seed: int) -> NDArray[np.intp]:
    """Return the units that rules are tried on: all, or as many as is sensible."""
    if n <= _MOST_UNITS:
        return np.arange(n)
    return np.sort(derive(seed, "circularity", "units").choice(n, _MOST_UNITS, replace=False))


def _numbers(units: Units) -> NDArray[np.float64]:
    values = units.columns.to_numpy().astype(np.float64)
    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return mid_ranks(values, np.ones(len(values)))


def _squared_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    if not (a.std() > 0 and b.std() > 0):
        return 0.0
    return float(np.corrcoef(a, b)[0, 1] ** 2)


def _label_folds(units: Units, n_labels: int, by: str, seed: int) -> tuple[NDArray[np.intp], str]:
    """Hold out whole groups where every label has several, else whole tracks."""
    if units.groups is not None:
        per_label = [
            len(np.unique(units.groups[units.label == label])) for label in range(n_labels)
        ]
        if min(per_label) >= 2:  # noqa: PLR2004 - one to learn from and one to test on
            return _spread(units.groups, units.label, seed), by
    return _spread(units.track_ids, units.label, seed), "track"


def _folds_of(units: Units, by: str, seed: int) -> tuple[NDArray[np.intp], str]:
    if units.groups is not None and len(np.unique(units.groups)) >= _FOLDS:
        return _spread(units.groups, units.label, seed), by
    return _spread(units.track_ids, units.label, seed), "track"


def _spread(together: NDArray[np.str_], label: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """Deal what belongs together to folds in turn, within each label, in a seeded order."""
    names, first, cluster = np.unique(together, return_index=True, return_inverse=True)
    shuffled = derive(seed, "circularity").permutation(len(names))
    order = shuffled[np.argsort(label[first][shuffled], kind="stable")]
    fold = np.empty(len(names), np.intp)
    fold[order] = np.arange(len(names)) % _FOLDS
    return np.asarray(fold[cluster])


def _named_by_rules(
    numbers: NDArray[np.float64], truth: NDArray[np.intp], fold: NDArray[np.intp]
) -> Iterator[tuple[str, NDArray[np.intp]]]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=MAX_DEPTH, class_weight="balanced", random_state=0)
    line = LogisticRegression(C=10, class_weight="balanced", max_iter=500)
    for rule, learner in ((TREE, tree), (LINE, line)):
        predicted = np.full(len(truth), -1, np.intp)
        for held in range(_FOLDS):
            test = fold == held
            if not test.any() or len(np.unique(truth[~test])) < 2:  # noqa: PLR2004 - nothing to part
                continue
            with warnings.catch_warnings():  # a line that is not at its very best is good enough
                warnings.simplefilter("ignore", ConvergenceWarning)
                predicted[test] = learner.fit(numbers[~test], truth[~test]).predict(numbers[test])
        yield rule, predicted


def _predicted_by_rules(
    numbers: NDArray[np.float64], truth: NDArray[np.float64], fold: NDArray[np.intp]
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    from sklearn.linear_model import LinearRegression
    from sklearn.tree import DecisionTreeRegressor

    tree = DecisionTreeRegressor(max_depth=MAX_DEPTH, random_state=0)
    for rule, learner in ((TREE, tree), (LINE, LinearRegression())):
        predicted = np.full(len(truth), float(truth.mean()))
        for held in range(_FOLDS):
            test = fold == held
            if test.any() and not test.all():
                predicted[test] = learner.fit(numbers[~test], truth[~test]).predict(numbers[test])
        yield rule, predicted
