"""The listener model: from answers to a probability for each mood a listener can be in.

For each mood a logistic regression over the encoded answers, each on its own: several moods can
be high at once. What is not known of a listener adds nothing to the log-odds, and widens them: the
probability is the mean over what the unknown answers could have said, so that with nothing known
it comes back to about the base rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np
import polars as pl
from msgspec import Meta
from numpy.typing import NDArray

from moodtune.errors import BundleError
from moodtune.listeners.encoding import (
    BLANK,
    Choices,
    Encoded,
    Encoder,
    Scale,
    encoder_from_json,
    encoder_to_json,
)
from moodtune.listeners.fitting import EncoderSettings
from moodtune.moods.taxonomy import Taxonomy

#: No probability is above this, so a model that requires it is never sure.
NEVER_SURE = 2.0
#: Which answers a scale's two weights are shown for: the rank of a low and of a high value.
_LOW_RANK, _HIGH_RANK = 0.1, 0.9
_STATE = ("base_rates", "encoder", "intercepts", "moods", "spreads", "sure_from", "weights")
#: Added later: a model without it asks as well, and takes answers for independent.
_TOGETHER = "together"
#: Features of the columns that may be asked: more questions than that nobody chooses from.
_MAX_ASKED_FEATURES = 150


_Positive: TypeAlias = Annotated[float, Meta(gt=0)]


class ListenerModelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the listener model is trained and validated."""

    answers: EncoderSettings = EncoderSettings()
    prior_spreads: Annotated[tuple[_Positive, ...], Meta(min_length=1)] = (0.1, 0.3, 1.0, 3.0, 10.0)
    """Candidates for how far the answers together may move a mood's log-odds, as a variance
    before anything was seen. The one with the least leave-one-out error is taken."""
    min_listeners: Annotated[int, Meta(ge=2)] = 30
    """Listeners with a mood without whom nothing is learnt."""
    min_listeners_per_mood: Annotated[int, Meta(ge=1)] = 10
    """Listeners who must have ticked a mood, and who must not have, for answers to count for it;
    with fewer it keeps its base rate."""
    folds: Annotated[int, Meta(ge=2)] = 5
    repeats: Annotated[int, Meta(ge=1)] = 5
    repeats_up_to: int = 3000
    """Listeners above whom cross-validation is not repeated: one round is exact enough."""
    sure_hit_rate: Annotated[float, Meta(gt=0, le=1)] = 0.85
    """The model says that it is sure where, out of fold, it is right at least so often."""


def listener_phrases(taxonomy: Taxonomy) -> dict[str, str]:
    """Return every phrase of a behavior table that means a mood, and the mood's name.

    Listener moods first, then song moods, which a table may name as well; as
    `Taxonomy.listener_mood` understands them.
    """
    phrases: dict[str, str] = {}
    for listener_mood in taxonomy.listener_moods:
        for phrase in (listener_mood.name, *listener_mood.phrases):
            phrases.setdefault(phrase, listener_mood.name)
    for mood in taxonomy.moods:
        phrases.setdefault(mood.name, mood.name)
    return phrases


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerModel:
    """What was learnt, as arrays.

    ``moods``       the listener moods, in taxonomy order
    ``weights``     float64 [shape=(n_features, n_moods)], log-odds per unit of an encoded feature
    ``intercepts``  float64 [shape=(n_moods,)], log-odds of a listener whose answers are the mean
    ``spreads``     float64 [shape=(n_columns, n_moods)], variance that each column's answers bring
                    to the log-odds among the training listeners
    ``base_rates``  float64 [shape=(n_moods,)], shares of the training listeners, in (0, 1)
    ``sure_from``   the model is sure where the largest probability is at least this
    ``together``    float64 [shape=(n_asked, n_asked)], covariance of the features of
                    ``asked_columns``, or (0, 0) where that is not known
    """

    moods: tuple[str, ...]
    encoder: Encoder
    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    spreads: NDArray[np.float64]
    base_rates: NDArray[np.float64]
    sure_from: float
    together: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        m = len(self.moods)
        expected = {
            "weights": (len(self.encoder.features), m),
            "intercepts": (m,),
            "spreads": (len(self.encoder.columns), m),
            "base_rates": (m,),
        }
        for name, shape in expected.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float64 or not np.isfinite(array).all():
                raise ValueError(f"{name}: expected finite float64 {shape}, got {array.shape}")
        if (self.spreads < 0).any() or not ((self.base_rates > 0) & (self.base_rates < 1)).all():
            raise ValueError("a variance below 0, or a base rate outside (0, 1)")
        n_asked = sum(len(self.encoder.columns[i].labels) for i in self.asked_columns)
        together = self.together
        sound = together.dtype == np.float64 and bool(np.isfinite(together).all())
        if together.shape not in {(0, 0), (n_asked, n_asked)} or not sound:
            raise ValueError(
                f"together: expected finite float64 {(n_asked, n_asked)}, got {together.shape}"
            )
        if not self.sure_from > 0:
            raise ValueError(f"expected a probability to be sure from, got {self.sure_from}")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose answers count."""
        return tuple(column.column for column in self.encoder.columns)

    @property
    def asked_columns(self) -> tuple[int, ...]:
        """The numbers of the columns that a questionnaire asks for, in their order.

        Those whose answers move the log-odds most, as long as their features are few enough.
        """
        return asked_columns(self.encoder, self.spreads)

    def predict(self, answers: pl.DataFrame) -> NDArray[np.float64]:
        """Return the probability of each mood for each listener [shape=(n, n_moods)].

        Columns are found by name, in any order; columns and answers that were not there in
        training count as unknown. A listener's probabilities do not depend on who else is asked.
        """
        return self.predict_encoded(self.encoder.encode_frame(answers))

    def predict_encoded(self, encoded: Encoded) -> NDArray[np.float64]:
        """Return the probability of each mood for each encoded listener [shape=(n, n_moods)]."""
        logits = np.tile(self.intercepts, (len(encoded.values), 1))
        # Term by term: a matrix product rounds differently for other numbers of rows.
        for values, weights in zip(encoded.values.T, self.weights, strict=True):
            logits += values[:, None] * weights
        unknown = np.zeros_like(logits)
        for known, spread in zip(encoded.known.T, self.spreads, strict=True):
            unknown += ~known[:, None] * spread
        return widened(logits, unknown)

    def nothing_known(self) -> NDArray[np.float64]:
        """Return the probability of each mood for a listener without any answer."""
        return widened(self.intercepts, self.spreads.sum(axis=0))

    def sure(self, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether the likeliest mood is likely enough to be named [shape=(n,)].

        It is where the largest probability is at least ``sure_from``: among the listeners of
        training for whom that held out of fold, the likeliest mood was one of those they ticked
        at least ``sure_hit_rate`` of the time. A listener of whom nothing is known is never sure.
        """
        return np.asarray(probabilities.max(axis=1) >= self.sure_from)

    def weights_table(self) -> pl.DataFrame:
        """Return what each answer says: ``column, answer, share, mood, weight``.

        ``share`` of the training listeners gave the answer (NaN for values of a scale); ``weight``
        is how far it moves the mood's log-odds from those of a listener whose answer is unknown.
        """
        rows = [
            (column.column, answer, share, mood, float(weight))
            for column, span in zip(self.encoder.columns, self.encoder.spans, strict=True)
            for answer, share, values in _shown_answers(column)
            for mood, weight in zip(self.moods, values @ self.weights[span], strict=True)
        ]
        schema = {"column": pl.String, "answer": pl.String, "share": pl.Float64}
        return pl.DataFrame(
            rows, schema={**schema, "mood": pl.String, "weight": pl.Float64}, orient="row"
        )

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the model as plain arrays: numbers, strings, and the encoder's JSON as bytes."""
        return {
            "base_rates": self.base_rates,
            "encoder": np.frombuffer(encoder_to_json(self.encoder), dtype=np.uint8),
            "intercepts": self.intercepts,
            "moods": np.array(self.moods, dtype=np.str_),
            "spreads": self.spreads,
            "sure_from": np.array([self.sure_from]),
            "weights": self.weights,
            **({_TOGETHER: self.together} if len(self.together) else {}),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> "ListenerModel":
        """Return the model that `state` made; BundleError where anything does not fit."""
        if sorted({*state} - {_TOGETHER}) != list(_STATE):
            raise _misfit(f"expected the arrays {', '.join(_STATE)}, got {', '.join(state)}")
        if state["moods"].dtype.kind != "U" or state["moods"].ndim != 1:
            raise _misfit(f"expected a row of mood names, got {state['moods'].dtype}")
        if state["sure_from"].shape != (1,) or state["encoder"].dtype != np.uint8:
            raise _misfit(
                f"sure_from is {state['sure_from'].shape}, encoder {state['encoder'].dtype}"
            )
        try:
            return cls(
                moods=tuple(state["moods"].tolist()),
                encoder=encoder_from_json(state["encoder"].tobytes()),
                weights=state["weights"],
                intercepts=state["intercepts"],
                spreads=state["spreads"],
                base_rates=state["base_rates"],
                sure_from=float(state["sure_from"][0]),
                together=state.get(_TOGETHER, np.zeros((0, 0))),
            )
        except ValueError as error:
            raise _misfit(str(error)) from error


def asked_columns(encoder: Encoder, spreads: NDArray[np.float64]) -> tuple[int, ...]:
    """Return the columns that are worth asking for; see `ListenerModel.asked_columns`."""
    moved = spreads.sum(axis=1)
    order = [int(i) for i in np.argsort(-moved, kind="stable") if moved[i] > 0]
    sizes = np.cumsum([len(encoder.columns[i].labels) for i in order])
    return tuple(sorted(order[: int((sizes <= _MAX_ASKED_FEATURES).sum())]))


def _misfit(reason: str) -> BundleError:
    return BundleError(
        f"the listener model is damaged: {reason}; copy the model again, or train anew"
    )


def widened(logits: NDArray[np.float64], variances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of the logistic function under normal log-odds, nearly.

    sigmoid(logit / sqrt(1 + pi * variance / 8)), MacKay 1992, "The evidence framework applied to
    classification networks", eq. 10. Without variance it is the logistic function.
    """
    scaled = logits / np.sqrt(1 + np.pi / 8 * variances)
    return np.asarray(np.exp(-np.logaddexp(0, -scaled)))


def _shown_answers(column: Scale | Choices) -> list[tuple[str, float, NDArray[np.float64]]]:
    """Return answers of a column as people read them, their shares, and their encoded values."""
    means = column.means
    unit = np.eye(len(means))
    shown = []
    if isinstance(column, Scale):
        for word, rank in (("or less", _LOW_RANK), ("or more", _HIGH_RANK)):
            value, encoded = column.at_rank(rank)
            shown.append((f"{value} {word}", np.nan, encoded * unit[0] - means * (1 - unit[0])))
        answers = []
    else:
        answers = [
            (answer, share, unit[i] - means * (unit[i] if column.several else 1))
            for i, (answer, share) in enumerate(zip(column.spellings, column.shares, strict=True))
        ]
    blank = [] if column.blank_share is None else [(BLANK, column.blank_share, unit[-1] - means)]
    return [*shown, *answers, *blank]
