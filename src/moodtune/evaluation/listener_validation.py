"""How good the listener model is on listeners it was not trained on, beside a constant.

The constant always answers the base rates of the same training folds. Every figure is of
out-of-fold predictions; a figure is worked out in each repeat of the cross-validation and averaged
over repeats, but for calibration, which is of the predictions averaged over repeats.
"""

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from moodtune.evaluation.intervals import Compared, Figure, figure, resamples
from moodtune.evaluation.metrics import (
    Weights,
    auc,
    bin_numbers,
    calibration_error,
    likeliest_is_ticked,
    log_losses,
    mean,
)
from moodtune.listeners.table import Listeners
from moodtune.moods.listener_model import ListenerModel, ListenerModelSettings
from moodtune.moods.listener_training import (
    OutOfFold,
    out_of_fold_predictions,
    train_listener_model,
)

N_BINS = 10
#: Coverage at which abstaining is compared with answering everyone.
COVERAGE = 0.7
_COVERAGES = tuple(round(0.05 * step, 2) for step in range(1, 21))
#: Answers that tell moods apart as well as this were hardly given independently of them.
_TOO_GOOD_AUC = 0.98


class FoldLoss(msgspec.Struct, frozen=True, kw_only=True):
    """Mean log loss over the moods in one fold of one repeat, both counted from 0."""

    repeat: int
    fold: int
    model: float
    constant: float


class Reliability(msgspec.Struct, frozen=True, kw_only=True):
    """One mood's averaged predictions in bins of equal width, empty bins left out."""

    mood: str
    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    counts: tuple[int, ...]


class RiskCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """Hit rate over the share of listeners answered, those with the likeliest mood first.

    ``gain_at_70``      hit rate at 70 % coverage less that at 100 %
    ``sure_from``       probability from which the model says that it is sure
    ``sure_coverage``   share of listeners of whom it is, and ``sure_hit_rate`` among them; None
                        where it is sure of nobody
    """

    coverage: tuple[float, ...]
    hit_rate: tuple[Figure, ...]
    gain_at_70: Figure
    sure_from: float
    sure_coverage: float
    sure_hit_rate: float | None


class ListenerValidation(msgspec.Struct, frozen=True, kw_only=True):
    """What cross-validation says of the listener model; plain values only.

    ``log_loss``, ``auc``, ``calibration_error``  means over the moods, and ``..._by_mood``
    ``hit_rate``   how often the likeliest mood is among those ticked
    ``fold_losses``  one per fold and repeat
    ``confusion``  [shape=(n_moods, n_moods)]: of those who ticked the row's mood, how many have the
                   column's as their likeliest; who ticked several counts in several rows
    """

    n_listeners: int
    n_folds: int
    n_repeats: int
    moods: tuple[str, ...]
    ticked: tuple[int, ...]  # listeners per mood
    log_loss: Compared
    log_loss_by_mood: tuple[Compared, ...]
    auc: Compared
    auc_by_mood: tuple[Compared, ...]
    hit_rate: Compared
    calibration_error: Compared
    calibration_error_by_mood: tuple[Compared, ...]
    fold_losses: tuple[FoldLoss, ...]
    reliability: tuple[Reliability, ...]
    risk_coverage: RiskCoverage
    confusion: tuple[tuple[int, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def folds_won(self) -> int:
        """Folds in which the model's mean log loss is below the constant's."""
        return sum(fold.model < fold.constant for fold in self.fold_losses)

    def to_json(self) -> bytes:
        """Return all of it as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def validate_listener_model(
    listeners: Listeners,
    settings: ListenerModelSettings,
    seed: int,
    *,
    out_of_fold: OutOfFold | None = None,
    model: ListenerModel | None = None,
) -> ListenerValidation:
    """Measure what `train_listener_model` makes of these listeners, by cross-validation.

    Give ``out_of_fold`` where `out_of_fold_predictions` ran already, and the ``model`` where it is
    trained already; of it only the probability is used from which it is sure. Raises
    TooLittleDataError where there is too little to learn from.
    """
    predictions = out_of_fold or out_of_fold_predictions(listeners, settings, seed)
    model = model or train_listener_model(listeners, settings, seed, predictions)
    return measure(predictions, model.sure_from, seed)


def measure(predictions: OutOfFold, sure_from: float, seed: int) -> ListenerValidation:
    """Measure out-of-fold predictions, with intervals by bootstrap over listeners."""
    # Sums over threads differ in their last bits with the number of threads.
    with threadpool_limits(1):
        return _measure(predictions, sure_from, seed)


def _measure(predictions: OutOfFold, sure_from: float, seed: int) -> ListenerValidation:
    weights = resamples(len(predictions.rows), seed, "listeners")
    losses = _compare(_losses, predictions, weights, lower_is_better=True)
    aucs = _compare(_aucs, predictions, weights)
    errors = _compare(
        _calibration_errors, predictions, weights, lower_is_better=True, inflated=True
    )
    return ListenerValidation(
        n_listeners=len(predictions.rows),
        n_folds=int(predictions.folds.max()) + 1,
        n_repeats=len(predictions.folds),
        moods=predictions.moods,
        ticked=tuple(predictions.ticks.sum(axis=0).tolist()),
        log_loss=losses[0],
        log_loss_by_mood=losses[1:],
        auc=aucs[0],
        auc_by_mood=aucs[1:],
        hit_rate=_compare(_hit_rates, predictions, weights)[0],
        calibration_error=errors[0],
        calibration_error_by_mood=errors[1:],
        fold_losses=tuple(_fold_losses(predictions)),
        reliability=tuple(_reliability(predictions)),
        risk_coverage=_risk_coverage(predictions, weights, sure_from),
        confusion=_confusion(predictions),
        notes=_notes(aucs),
    )


# A metric of probabilities [shape=(n_repeats, n, n_moods)] and weights [shape=(n,) or (draws, n)]
# gives one value per mood, [shape=(n_values,) or (draws, n_values)].
_Metric = Callable[[NDArray[np.bool_], NDArray[np.float64], Weights], NDArray[np.float64]]


def _losses(
    ticks: NDArray[np.bool_], probabilities: NDArray[np.float64], weights: Weights
) -> NDArray[np.float64]:
    return mean(log_losses(ticks, probabilities).mean(axis=0), weights)


def _hit_rates(
    ticks: NDArray[np.bool_], probabilities: NDArray[np.float64], weights: Weights
) -> NDArray[np.float64]:
    hits = np.mean([likeliest_is_ticked(ticks, repeat) for repeat in probabilities], axis=0)
    return mean(hits[:, None], weights)


def _aucs(
    ticks: NDArray[np.bool_], probabilities: NDArray[np.float64], weights: Weights
) -> NDArray[np.float64]:
    """AUC per mood; one half where everyone or nobody ticked it: there is nothing to tell apart."""
    by_mood = [
        np.mean([auc(ticked, repeat[:, mood], weights) for repeat in probabilities], axis=0)
        for mood, ticked in enumerate(ticks.T)
    ]
    return np.asarray(np.nan_to_num(np.stack(by_mood, axis=-1), nan=0.5))


def _calibration_errors(
    ticks: NDArray[np.bool_], probabilities: NDArray[np.float64], weights: Weights
) -> NDArray[np.float64]:
    averaged = probabilities.mean(axis=0)
    by_mood = [
        calibration_error(ticked, averaged[:, mood], weights, n_bins=N_BINS)
        for mood, ticked in enumerate(ticks.T)
    ]
    return np.stack(by_mood, axis=-1)


def _compare(
    metric: _Metric,
    predictions: OutOfFold,
    weights: NDArray[np.float64],
    *,
    lower_is_better: bool = False,
    inflated: bool = False,
) -> tuple[Compared, ...]:
    """Compare model and constant: first the mean over the values of ``metric``, then each.

    ``inflated`` metrics are those that resampling makes larger; they are never below 0.
    """
    ticks = predictions.ticks
    sides = (predictions.probabilities, predictions.constants)
    if metric is _aucs:
        # One constant for all has no order; the folds' slightly different ones would have one, also
        # where the model says no more than the constant.
        said = np.isclose(*sides, rtol=0, atol=1e-9)
        sides = (np.where(said, sides[1].mean(axis=(0, 1)), sides[0]), np.full_like(sides[1], 0.5))
    (model, model_drawn), (constant, constant_drawn) = (
        (_with_mean(metric(ticks, side, None)), _with_mean(metric(ticks, side, weights)))
        for side in sides
    )
    sign = -1 if lower_is_better else 1
    least = 0.0 if inflated else -np.inf
    return tuple(
        Compared(
            model=figure(float(model[i]), model_drawn[:, i], recentre=inflated, least=least),
            constant=figure(
                float(constant[i]), constant_drawn[:, i], recentre=inflated, least=least
            ),
            gain=figure(
                float(sign * (model[i] - constant[i])),
                sign * (model_drawn[:, i] - constant_drawn[:, i]),
                recentre=inflated,
            ),
        )
        for i in range(len(model))
    )


def _with_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([values.mean(axis=-1, keepdims=True), values], axis=-1)


def _fold_losses(predictions: OutOfFold) -> Iterator[FoldLoss]:
    model = log_losses(predictions.ticks, predictions.probabilities).mean(axis=-1)
    constant = log_losses(predictions.ticks, predictions.constants).mean(axis=-1)
    for repeat, folds in enumerate(predictions.folds):
        for fold in range(int(folds.max()) + 1):
            held_out = folds == fold
            yield FoldLoss(
                repeat=repeat,
                fold=fold,
                model=float(model[repeat, held_out].mean()),
                constant=float(constant[repeat, held_out].mean()),
            )


def _reliability(predictions: OutOfFold) -> Iterator[Reliability]:
    averaged = predictions.mean()
    for mood, name in enumerate(predictions.moods):
        given, ticked = averaged[:, mood], predictions.ticks[:, mood]
        bins = bin_numbers(given, N_BINS)
        counts = np.bincount(bins, minlength=N_BINS)
        filled = counts > 0
        yield Reliability(
            mood=name,
            predicted=_plain(np.bincount(bins, given, N_BINS)[filled] / counts[filled]),
            observed=_plain(np.bincount(bins, ticked, N_BINS)[filled] / counts[filled]),
            counts=tuple(counts[filled].tolist()),
        )


def _plain(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(values.tolist())


def _risk_coverage(
    predictions: OutOfFold, weights: NDArray[np.float64], sure_from: float
) -> RiskCoverage:
    averaged = predictions.mean()
    surest = averaged.max(axis=1)
    hits = likeliest_is_ticked(predictions.ticks, averaged)
    order = np.argsort(-surest, kind="stable")
    once = np.ones((1, len(hits)))
    rates = [_hit_rate_at(c, hits[order], once)[0] for c in _COVERAGES]
    drawn = [_hit_rate_at(c, hits[order], weights[:, order]) for c in _COVERAGES]
    chosen, everyone = _COVERAGES.index(COVERAGE), -1
    sure = surest >= sure_from
    return RiskCoverage(
        coverage=_COVERAGES,
        hit_rate=tuple(figure(float(r), d) for r, d in zip(rates, drawn, strict=True)),
        gain_at_70=figure(float(rates[chosen] - rates[everyone]), drawn[chosen] - drawn[everyone]),
        sure_from=sure_from,
        sure_coverage=float(sure.mean()),
        sure_hit_rate=float(hits[sure].mean()) if sure.any() else None,
    )


def _hit_rate_at(
    coverage: float, hits: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the hit rate among the first ``coverage`` of the weight [shape=(draws,)]."""
    before = np.cumsum(weights, axis=1) - weights
    # A listener at the limit counts as answered; a small slack keeps 0.7 * 10 at seven.
    answered = weights * (before < coverage * weights.sum(axis=1, keepdims=True) - 1e-9)
    return np.asarray(answered @ hits / answered.sum(axis=1))


def _confusion(predictions: OutOfFold) -> tuple[tuple[int, ...], ...]:
    n_moods = len(predictions.moods)
    likeliest = np.eye(n_moods, dtype=np.int64)[predictions.mean().argmax(axis=1)]
    counts = predictions.ticks.astype(np.int64).T @ likeliest
    return tuple(tuple(row) for row in counts.tolist())


def _notes(aucs: tuple[Compared, ...]) -> tuple[str, ...]:
    if aucs[0].model.value < _TOO_GOOD_AUC:
        return ()
    said = (
        f"The mean AUC of {aucs[0].model.value:.3f} is more than answers usually tell: look for a "
        "column that was made from the moods, and leave it out with ignore_columns."
    )
    return (said,)
