"""Are the questions that the questionnaire chooses better than any others? On held-out listeners.

A listener who was not trained on answers a few questions as they did in the table, chosen one by
one; and as many drawn at random. What the model then says is held against what they ticked.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.evaluation.intervals import Figure, figure, resamples
from moodtune.evaluation.metrics import log_losses
from moodtune.listeners.encoding import Encoded, Encoder
from moodtune.listeners.table import Listeners
from moodtune.moods.listener_model import ListenerModel, ListenerModelSettings
from moodtune.moods.listener_training import deal_folds, models_by_fold, training_set
from moodtune.moods.question_outcomes import outcomes_of
from moodtune.moods.questionnaire import information
from moodtune.seeding import derive

#: Sets of random questions per listener and fold.
_RANDOM_SETS = 10


class QuestionsCompared(msgspec.Struct, frozen=True, kw_only=True):
    """Mean log loss over the moods after a few answers, with intervals over listeners.

    ``gain``       of chosen over random questions, paired: above 0 the chosen are better
    ``nothing``    before any answer, and ``everything`` with all answers of the table
    ``commonest``  share of listeners who are asked what most are asked by the same model, in the
                   same order: the lower, the more the answers so far decide
    """

    n_listeners: int
    n_questions: int
    chosen: Figure
    random: Figure
    gain: Figure
    nothing: Figure
    everything: Figure
    commonest: float


@dataclass(frozen=True, slots=True)
class _Losses:
    """Mean log loss over the moods of each listener [shape=(n_seeds, n)]."""

    chosen: NDArray[np.float64]
    random: NDArray[np.float64]
    nothing: NDArray[np.float64]
    everything: NDArray[np.float64]


def compare_questions(
    listeners: Listeners,
    settings: ListenerModelSettings,
    seeds: Sequence[int],
    *,
    n_questions: int = 3,
) -> QuestionsCompared:
    """Compare chosen and random questions in cross-validation, folds dealt anew for each seed.

    Everyone is asked ``n_questions``, also those of whom the model is sure earlier.
    """
    training = training_set(listeners, settings)
    losses = _Losses(*(np.empty((len(seeds), len(training))) for _ in range(4)))
    commonest = 0
    for row, seed in enumerate(seeds):
        folds = deal_folds(training.ticks, settings.folds, seed, 0)
        for held_out, model, encoded in models_by_fold(training, settings, folds):
            ticks = training.ticks[held_out]
            paths = chosen_paths(model, encoded, n_questions)
            commonest += max(Counter(map(tuple, paths.tolist())).values())
            drawn = _random_paths(encoded, n_questions, seed, int(folds[held_out][0]))
            by_draw = [_loss(model, encoded, path, ticks) for path in drawn]
            losses.random[row, held_out] = np.mean(by_draw, axis=0)
            losses.chosen[row, held_out] = _loss(model, encoded, paths, ticks)
            losses.nothing[row, held_out] = _loss(model, encoded, paths[:, :0], ticks)
            all_known = log_losses(ticks, model.predict_encoded(encoded))
            losses.everything[row, held_out] = all_known.mean(axis=1)
    return _compared(losses, n_questions, commonest / losses.chosen.size, seeds[0])


def _random_paths(encoded: Encoded, n_questions: int, seed: int, fold: int) -> NDArray[np.int64]:
    """Return sets of random columns [shape=(_RANDOM_SETS, n, n_questions)]."""
    draws = derive(seed, "random questions", fold).random((_RANDOM_SETS, *encoded.known.shape))
    return np.argsort(draws, axis=2)[:, :, :n_questions]


def chosen_paths(model: ListenerModel, encoded: Encoded, n_questions: int) -> NDArray[np.int64]:
    """Return the columns that would be asked, one by one [shape=(n, n_questions)].

    Each listener answers as ``encoded`` says; what it does not know was asked in vain.
    """
    outcomes = outcomes_of(model)
    everyone = np.arange(len(encoded.values))
    asked = np.zeros_like(encoded.known)
    path = np.empty((len(everyone), n_questions), dtype=np.int64)
    for step in range(n_questions):
        told = information(model, only(encoded, model.encoder, asked), outcomes)
        path[:, step] = np.where(asked, -np.inf, told).argmax(axis=1)
        asked[everyone, path[:, step]] = True
    return path


def only(encoded: Encoded, encoder: Encoder, columns: NDArray[np.bool_]) -> Encoded:
    """Return what is known of listeners from the given columns alone [shape=(n, n_columns)]."""
    sizes = [span.stop - span.start for span in encoder.spans]
    kept = np.repeat(columns, sizes, axis=1)
    return Encoded(values=encoded.values * kept, known=encoded.known & columns)


def _loss(
    model: ListenerModel,
    encoded: Encoded,
    path: NDArray[np.int64],
    ticks: NDArray[np.bool_],
) -> NDArray[np.float64]:
    asked = np.zeros_like(encoded.known)
    np.put_along_axis(asked, path, values=True, axis=1)
    said = model.predict_encoded(only(encoded, model.encoder, asked))
    return np.asarray(log_losses(ticks, said).mean(axis=1))


def _compared(losses: _Losses, n_questions: int, commonest: float, seed: int) -> QuestionsCompared:
    n = losses.chosen.shape[1]
    weights = resamples(n, seed, "questions") / n

    def measured(by_listener: NDArray[np.float64]) -> Figure:
        means = by_listener.mean(axis=0)
        return figure(float(means.mean()), weights @ means)

    return QuestionsCompared(
        n_listeners=n,
        n_questions=n_questions,
        chosen=measured(losses.chosen),
        random=measured(losses.random),
        gain=measured(losses.random - losses.chosen),
        nothing=measured(losses.nothing),
        everything=measured(losses.everything),
        commonest=commonest,
    )
