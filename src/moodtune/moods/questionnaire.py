"""The questions that tell most about a listener's moods, one at a time.

How much a question tells, given the answers so far, is by how much the summed binary entropies of
the moods are expected to fall when it is answered (Lindley 1956, "On a measure of the information
provided by an experiment")::

    I(c) = sum_m H(p_m) - sum_a q(a) sum_m H(p_m | a),   H(p) = -p log p - (1 - p) log(1 - p)

p_m | a is what the model would say after answer a, and p_m what it says while the answer is open.
q(a) is how likely the answer is: its share among the training listeners, moved by the best linear
prediction from the answers so far, for which the model keeps how often answers are given together.
"""

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.listeners.encoding import Choices, Encoded, Scale
from moodtune.moods.listener_model import ListenerModel
from moodtune.moods.question_outcomes import Outcomes, outcomes_of, standing

#: Questions that are asked at most.
MAX_QUESTIONS = 5
#: Nats: what tells less than a thousandth of a nat is not worth a person's time.
LEAST_INFORMATION = 1e-3
#: Most numbers lie between the values of this rank and of its opposite.
_LOW_RANK = 0.05
_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s_\-]+")

#: A cell for every column asked so far, as a behavior table would have it: None where it was left
#: blank as an answer, ``answers.UNKNOWN`` where the listener did not say.
Answers: TypeAlias = Mapping[str, str | None]


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that can be chosen; None is a cell left blank, as where it does not apply."""

    answer: str | None
    probability: float  # that this listener gives it, in [0, 1]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask next.

    ``options``      the commonest of training first, and a blank, where that says something, last;
                     the probabilities sum to 1, except where several may be ticked. A number or a
                     date has no options but a blank
    ``low, high``    what most numbers or dates lie between, as people write them
    ``information``  nats that the answer is expected to tell about all moods together
    """

    column: str
    wording: str
    kind: Literal["one", "several", "number", "date"]
    options: tuple[Option, ...]
    low: str | None = None
    high: str | None = None
    information: float


def next_question(
    model: ListenerModel, answers: Answers, *, most: int = MAX_QUESTIONS
) -> Question | None:
    """Return the question that tells most after ``answers``; None when it is time to stop.

    It is time when the model is sure, after ``most`` questions, or when none would tell anything.
    Ties go to the column that comes first in the model.
    """
    encoded = model.encoder.encode_frame(answers_frame(answers))
    if len(answers) >= most or bool(model.sure(model.predict_encoded(encoded))[0]):
        return None
    outcomes = outcomes_of(model)
    told = information(model, encoded, outcomes)[0]
    told[[column in answers for column in model.columns]] = 0
    if told.max(initial=0) < LEAST_INFORMATION:
        return None
    best = int(told.argmax())
    likely = outcomes[best].likelihoods(standing(model, encoded))[0]
    return _question(model.encoder.columns[best], likely, float(told[best]))


def questions_of(model: ListenerModel) -> tuple[Question, ...]:
    """Return all questions that tell anything of somebody unknown, the most telling first."""
    encoded = model.encoder.encode_frame(answers_frame({}))
    outcomes, at = outcomes_of(model), standing(model, encoded)
    told = information(model, encoded, outcomes)[0]
    order = [int(i) for i in np.argsort(-told, kind="stable") if told[i] >= LEAST_INFORMATION]
    return tuple(
        _question(model.encoder.columns[i], outcomes[i].likelihoods(at)[0], float(told[i]))
        for i in order
    )


def answers_frame(answers: Answers) -> pl.DataFrame:
    """Return one listener's answers as a behavior table of one row."""
    row = {name: [cell] for name, cell in answers.items()}
    # A frame without columns has no rows: a column without a name stands in.
    return pl.DataFrame(row or {"": [None]}, schema=dict.fromkeys(row or [""], pl.String))


def information(
    model: ListenerModel, encoded: Encoded, outcomes: Mapping[int, Outcomes] | None = None
) -> NDArray[np.float64]:
    """Return what each column's answer would tell of each listener, in nats [shape=(n, n_columns)].

    0 for a column that is known already, and for those that are never asked. ``outcomes`` are
    worked out where they are not given.
    """
    at = standing(model, encoded)
    told = np.zeros(encoded.known.shape)
    for column, answers in (outcomes or outcomes_of(model)).items():
        told[:, column] = answers.told(at)
    return np.where(encoded.known, 0, told)


def _question(column: Scale | Choices, likely: NDArray[np.float64], information: float) -> Question:
    if isinstance(column, Choices):
        blank: list[str | None] = [] if column.blank_share is None else [None]
        answers = [*column.spellings, *blank]
        return Question(
            column=column.column,
            wording=wording(column.column),
            kind="several" if column.several else "one",
            options=tuple(
                Option(answer=a, probability=float(p)) for a, p in zip(answers, likely, strict=True)
            ),
            information=information,
        )
    blank_likely = [] if column.blank_share is None else [float(likely[-1])]
    return Question(
        column=column.column,
        wording=wording(column.column),
        kind="number" if column.date_format is None else "date",
        options=tuple(Option(answer=None, probability=p) for p in blank_likely),
        low=column.at_rank(_LOW_RANK)[0],
        high=column.at_rank(1 - _LOW_RANK)[0],
        information=information,
    )


def wording(column: str) -> str:
    """Return a column's name as a person would read it, without a mark at its end.

    >>> wording("music_Influencial_mood"), wording("favoriteGenre")
    ('Music influencial mood', 'Favorite genre')
    """
    words = [word for word in _WORD_ENDS.split(column) if word]
    lowered = [word if word.isupper() else word.lower() for word in words]
    said = " ".join(lowered).rstrip(" ?:") or column
    return said[:1].upper() + said[1:]
