"""Training the listener model, and what it says of listeners it was not trained on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from moodtune.errors import TooLittleDataError
from moodtune.listeners.answers import AnswerTable, read_answers
from moodtune.listeners.encoding import Encoded, Encoder
from moodtune.listeners.fitting import fit_encoder
from moodtune.listeners.table import Listeners
from moodtune.moods.listener_model import (
    NEVER_SURE,
    ListenerModel,
    ListenerModelSettings,
    asked_columns,
)
from moodtune.moods.listener_prior import choose_spread, feature_scales
from moodtune.seeding import derive
from moodtune.tables.text import quoted

_MIN_MOODS = 2
#: Features above which Newton's method costs more than it saves.
_MAX_NEWTON_FEATURES = 300
#: Listeners in whom it is counted how often answers come together: no fewer can be told apart.
_COUNTED_IN = 5
#: Fewer listeners than this above a threshold say nothing about how sure it makes.
_MIN_SURE_LISTENERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """The listeners that can be learnt from, in an order of their own.

    ``rows``   int64 [shape=(n,)], their rows among the ``Listeners``; sorted by what they say, so
               that the order of the table changes nothing
    ``ticks``  bool [shape=(n, n_moods)]
    """

    moods: tuple[str, ...]
    rows: NDArray[np.int64]
    answers: AnswerTable
    ticks: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfFold:
    """What models said of listeners that they were not trained on, in repeated cross-validation.

    ``rows``           int64 [shape=(n,)], rows among the ``Listeners``
    ``ticks``          bool [shape=(n, n_moods)]
    ``probabilities``  float64 [shape=(n_repeats, n, n_moods)]
    ``constants``      float64, same shape: the base rates of the same training folds
    ``folds``          int64 [shape=(n_repeats, n)], which fold each listener was in
    """

    moods: tuple[str, ...]
    rows: NDArray[np.int64]
    ticks: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    constants: NDArray[np.float64]
    folds: NDArray[np.int64]

    def mean(self) -> NDArray[np.float64]:
        """Return the probabilities averaged over repeats [shape=(n, n_moods)]."""
        return np.asarray(self.probabilities.mean(axis=0))


#: A mood that is no likelier than not is never sure.
_AS_LIKELY = 0.5


def _not_known(listeners: Listeners) -> str:
    """Say which moods of the table are none of the taxonomy's, where rows were rejected for it."""
    said = listeners.rejections["value"].drop_nulls().unique().sort().to_list()
    if not said:
        return ""
    shown = ", ".join(quoted(text[:60]) for text in said[:3]) + (", ..." if said[3:] else "")
    return (
        f"; {listeners.n_rejected} rows were rejected, and say {shown}: moods of one's own go into "
        "a taxonomy, --taxonomy"
    )


def training_set(listeners: Listeners, settings: ListenerModelSettings) -> TrainingSet:
    """Return the listeners that can be learnt from; TooLittleDataError if they are too few."""
    rows = np.flatnonzero(listeners.learnable)
    moods = () if listeners.labels is None else listeners.labels.moods
    if len(rows) < settings.min_listeners:
        raise TooLittleDataError(
            f"{listeners.source.name}: expected at least {settings.min_listeners} listeners with "
            f"a mood, got {len(rows)} of {listeners.n_read} rows; collect more answers, or train "
            f"without a behavior table{_not_known(listeners)}"
        )
    if listeners.labels is None or len(moods) < _MIN_MOODS:
        raise TooLittleDataError(
            f"{listeners.source.name}: expected at least {_MIN_MOODS} moods among the listeners', "
            f"got {len(moods)} ({', '.join(moods)}); with one mood there is nothing to tell apart"
            + _not_known(listeners)
        )
    ticks = listeners.labels.ticks
    order = rows[_content_order(listeners.answers[rows], ticks[rows])]
    answers = listeners.answers[order]
    return TrainingSet(
        moods=moods,
        rows=order,
        answers=read_answers(answers, answers.columns),
        ticks=ticks[order],
    )


def _content_order(answers: pl.DataFrame, ticks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the order that sorts rows by what they say, whatever order they come in."""
    keys = [pl.Series(f"tick{m}", column) for m, column in enumerate(ticks.T)]
    keys += [answers[name].alias(f"answer{i}") for i, name in enumerate(sorted(answers.columns))]
    frame = pl.DataFrame(keys)
    order = frame.select(pl.arg_sort_by(frame.columns, maintain_order=True))
    return order.to_series().cast(pl.Int64).to_numpy()


def train_listener_model(
    listeners: Listeners,
    settings: ListenerModelSettings,
    seed: int,
    out_of_fold: OutOfFold | None = None,
) -> ListenerModel:
    """Learn from every listener with a mood; TooLittleDataError if they are too few.

    When the model may say that it is sure is learnt from cross-validation: give
    ``out_of_fold`` where `out_of_fold_predictions` ran already.
    """
    training = training_set(listeners, settings)
    predictions = out_of_fold or _cross_predict(training, settings, seed)
    with threadpool_limits(1):
        model = _fit(training, settings, np.ones(len(training), dtype=np.bool_))
    hit_from = sure_threshold(predictions, settings.sure_hit_rate)
    # What could be said of anyone is no reason to be sure, and neither is what is as likely as not:
    # where few answers are known, a threshold from listeners who answered everything is too low.
    anyone = max(float(model.nothing_known().max()), float(model.base_rates.max()))
    return replace(model, sure_from=max(hit_from, float(np.nextafter(anyone, 1)), _AS_LIKELY))


def out_of_fold_predictions(
    listeners: Listeners, settings: ListenerModelSettings, seed: int
) -> OutOfFold:
    """Predict each listener by models trained on others, in repeated cross-validation."""
    return _cross_predict(training_set(listeners, settings), settings, seed)


def _cross_predict(training: TrainingSet, settings: ListenerModelSettings, seed: int) -> OutOfFold:
    repeats = settings.repeats if len(training) <= settings.repeats_up_to else 1
    folds = np.array(
        [deal_folds(training.ticks, settings.folds, seed, repeat) for repeat in range(repeats)]
    )
    probabilities = np.empty((repeats, *training.ticks.shape))
    constants = np.empty_like(probabilities)
    for repeat, fold in enumerate(folds):
        for held_out, model, encoded in models_by_fold(training, settings, fold):
            probabilities[repeat, held_out] = model.predict_encoded(encoded)
            constants[repeat, held_out] = model.base_rates
    return OutOfFold(
        moods=training.moods,
        rows=training.rows,
        ticks=training.ticks,
        probabilities=probabilities,
        constants=constants,
        folds=folds,
    )


def models_by_fold(
    training: TrainingSet, settings: ListenerModelSettings, folds: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.bool_], ListenerModel, Encoded]]:
    """Yield per fold who is in it [shape=(n,)], a model of the others, and they as it reads them.

    ``folds`` [shape=(n,)] says which fold each listener is in.
    """
    for fold in range(int(folds.max()) + 1):
        held_out = folds == fold
        with threadpool_limits(1):
            model = _fit(training, settings, ~held_out)
            encoded = model.encoder.encode(training.answers)
        asked = Encoded(values=encoded.values[held_out], known=encoded.known[held_out])
        yield held_out, model, asked


def deal_folds(ticks: NDArray[np.bool_], n_folds: int, seed: int, repeat: int) -> NDArray[np.int64]:
    """Deal listeners to folds [shape=(n,)] so that every mood is spread as evenly as can be.

    Listeners are laid out by what they ticked, shuffled among those who ticked the same, and
    dealt like cards: rare combinations are no obstacle.
    """
    shuffled = derive(seed, "listener folds", repeat).random(len(ticks))
    order = np.lexsort((shuffled, *ticks.T))
    folds = np.empty(len(ticks), dtype=np.int64)
    folds[order] = np.arange(len(ticks)) % n_folds
    return folds


def _fit(
    training: TrainingSet, settings: ListenerModelSettings, rows: NDArray[np.bool_]
) -> ListenerModel:
    """Fit every step on the given rows alone."""
    encoder = fit_encoder(training.answers, settings.answers, rows)
    encoded = encoder.encode(training.answers)
    values = np.ascontiguousarray(encoded.values[rows])
    ticks = training.ticks[rows]
    # Half a listener on each side keeps a rate off 0 and 1.
    base_rates = (ticks.sum(axis=0) + 0.5) / (len(ticks) + 1)
    rare = np.minimum(ticks.sum(axis=0), (~ticks).sum(axis=0))
    learnt = np.flatnonzero(rare >= settings.min_listeners_per_mood)
    weights = np.zeros((values.shape[1], ticks.shape[1]))
    intercepts = np.log(base_rates / (1 - base_rates))
    if len(learnt) and values.any():
        scales = feature_scales(values, ticks[:, learnt], encoder.spans)
        spread = choose_spread(values, ticks[:, learnt], encoder.spans, settings.prior_spreads)
        used = scales > 0
        scaled = values[:, used] * scales[used]
        # Equal priors on all scaled weights, such that together they have the spread chosen.
        prior = spread / float(scaled.var(axis=0).sum())
        for mood in learnt:
            found, intercepts[mood] = _regress(scaled, ticks[:, mood], prior)
            weights[used, mood] = found * scales[used]
    spreads = _spreads(encoder.spans, values, weights)
    return ListenerModel(
        moods=training.moods,
        encoder=encoder,
        weights=weights,
        intercepts=intercepts,
        spreads=spreads,
        base_rates=base_rates,
        sure_from=NEVER_SURE,
        together=_together(encoder, spreads, values),
    )


def _regress(
    values: NDArray[np.float64], ticked: NDArray[np.bool_], prior: float
) -> tuple[NDArray[np.float64], float]:
    """Return weights [shape=(n_features,)] and intercept of a regularised logistic regression.

    ``prior`` is the variance of each weight before anything was seen.
    """
    from moodtune.moods.scikit_learn import LogisticRegression

    newton = values.shape[1] <= _MAX_NEWTON_FEATURES
    regression = LogisticRegression(
        C=prior, solver="newton-cholesky" if newton else "lbfgs", max_iter=1000
    ).fit(values, ticked)
    return regression.coef_[0], float(regression.intercept_[0])


def _spreads(
    spans: tuple[slice, ...], values: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the variance that each column brings to the log-odds [shape=(n_columns, n_moods)]."""
    spreads = [(values[:, span] @ weights[span]).var(axis=0) for span in spans]
    return np.array(spreads).reshape(len(spans), weights.shape[1])


def _together(
    encoder: Encoder, spreads: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the covariance of the features that may be asked for, see `ListenerModel.together`.

    By how many listeners two answers are given together more often than by chance is kept to the
    nearest five, so that no combination tells of fewer.
    """
    asked = asked_columns(encoder, spreads)
    spans = encoder.spans
    features = [f for i in asked for f in range(spans[i].start, spans[i].stop)]
    excess = values[:, features].T @ values[:, features]
    rounded = _COUNTED_IN * np.round(excess / _COUNTED_IN)
    np.fill_diagonal(rounded, np.diag(excess))
    return np.asarray(rounded / len(values))


def sure_threshold(predictions: OutOfFold, hit_rate: float) -> float:
    """Return the least likelihood of the likeliest mood above which it was right often enough."""
    probabilities = predictions.mean()
    surest = probabilities.max(axis=1)
    hits = predictions.ticks[np.arange(len(surest)), probabilities.argmax(axis=1)]
    order = np.argsort(-surest, kind="stable")
    rates = np.cumsum(hits[order]) / np.arange(1, len(order) + 1)
    surest = surest[order]
    # A threshold lets in all listeners of one likelihood, or none of them.
    whole = np.append(surest[1:] != surest[:-1], True)
    enough = np.arange(1, len(order) + 1) >= _MIN_SURE_LISTENERS
    fitting = np.flatnonzero(whole & enough & (rates >= hit_rate))
    return float(surest[fitting[-1]]) if len(fitting) else NEVER_SURE
