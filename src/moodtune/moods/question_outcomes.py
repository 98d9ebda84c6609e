"""What could be answered to each question of a listener model, and how it would move the moods."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moodtune.listeners.encoding import Choices, Encoded, Scale
from moodtune.moods.listener_model import ListenerModel, widened

#: A scale is asked in so many equal parts of its listeners, each by the value in its middle.
_PARTS = 5
#: Points of Gauss-Hermite quadrature.
_NODES = 7
#: How much of a feature's variance is added to it before others are predicted from it: what is
#: found together in a few hundred listeners is partly chance.
_RIDGE = 0.1
#: No answer becomes less likely than this part of its share, whatever else was answered.
_LEAST_LEFT = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of n listeners.

    ``logits``, ``unknown``  float64 [shape=(n, n_moods)], the moods' log-odds from what is known,
                             and the variance that the rest leaves in them
    ``expected``             float64 [shape=(n, n_features)], the best linear prediction of the
                             encoded answers from those that are known, 0 where nothing is known
    """

    logits: NDArray[np.float64]
    unknown: NDArray[np.float64]
    expected: NDArray[np.float64]


def standing(model: ListenerModel, encoded: Encoded) -> Standing:
    """Return what is known of encoded listeners."""
    return Standing(
        logits=model.intercepts + encoded.values @ model.weights,
        unknown=(~encoded.known).astype(np.float64) @ model.spreads,
        expected=_expected(model, encoded),
    )


def _expected(model: ListenerModel, encoded: Encoded) -> NDArray[np.float64]:
    """Return ridge regression's prediction of all features that are asked, from those known."""
    expected = np.zeros_like(encoded.values)
    spans = model.encoder.spans
    features = np.concatenate([np.arange(s.start, s.stop) for s in (*spans, slice(0, 0))])
    owners = np.repeat(np.arange(len(spans)), [s.stop - s.start for s in spans])
    asked = features[np.isin(owners, model.asked_columns)]
    if not len(model.together):
        return expected
    patterns, of_rows = np.unique(encoded.known, axis=0, return_inverse=True)
    for i, known in enumerate(patterns):
        given = np.flatnonzero(known[owners[asked]])
        covariance = model.together[np.ix_(given, given)]
        ridge = np.diag(_RIDGE * np.diag(covariance) + 1e-9)
        factors, *_ = np.linalg.lstsq(covariance + ridge, model.together[given])
        rows = np.flatnonzero(of_rows.reshape(-1) == i)
        expected[np.ix_(rows, asked)] = encoded.values[np.ix_(rows, asked[given])] @ factors
    return expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """The answers to one question.

    ``shares``  float64 [shape=(n_answers,)] of the training listeners
    ``moves``   float64 [shape=(n_answers, n_moods)], by how much each moves the log-odds
    ``ticks``   whether several may be given: then ``moves`` are those of a tick beside none, and
                what the ticks come to is taken as normal
    ``tilts``   float64 [shape=(n_features, n_answers)], by how much each answer becomes likelier
                with each feature's expectation
    ``span``    where the column's features stand
    ``spread``  float64 [shape=(n_moods,)], variance that the answer leaves while it is unknown
    """

    shares: NDArray[np.float64]
    moves: NDArray[np.float64]
    ticks: bool
    tilts: NDArray[np.float64]
    span: slice
    spread: NDArray[np.float64]

    def likelihoods(self, at: Standing) -> NDArray[np.float64]:
        """Return q(a), how likely each answer is for each listener [shape=(n, n_answers)]."""
        likely = self.shares + at.expected[:, self.span] @ self.tilts
        likely = np.maximum(likely, _LEAST_LEFT * self.shares)
        if self.ticks:
            return np.asarray(np.minimum(likely, 1 - _LEAST_LEFT * (1 - self.shares)))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))

    def told(self, at: Standing) -> NDArray[np.float64]:
        """Return by how much the answer is expected to lower the summed entropies [shape=(n,)]."""
        likely = self.likelihoods(at)
        moves, weights = self._ticked(likely) if self.ticks else (self.moves[None], likely)
        mean = (weights[..., None] * moves).sum(axis=1)
        variance = (weights[..., None] * moves**2).sum(axis=1) - mean**2
        left = np.maximum(at.unknown - self.spread, 0)
        # What can be expected of the answer is no news: only what it leaves open is.
        now = entropies(widened(at.logits + mean, left + np.maximum(variance, 0)))
        after = entropies(widened(at.logits[:, None] + moves, left[:, None]))
        return np.asarray(now - (weights * after).sum(axis=1))

    def _ticked(self, likely: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Return the moves of ticks, as nodes of a normal distribution, and the nodes' weights.

        Its variance is that among the training listeners, in proportion to what independent ticks
        would have had then and have now.
        """
        then = (self.shares * (1 - self.shares)) @ self.moves**2
        now = (likely * (1 - likely)) @ self.moves**2
        variance = self.spread * np.divide(now, then, out=np.zeros_like(now), where=then > 0)
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        mean = (likely - self.shares) @ self.moves
        moves = mean[:, None] + nodes[:, None] * np.sqrt(variance)[:, None]
        return moves, np.tile(weights / weights.sum(), (len(likely), 1))


def entropies(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the summed binary entropies of the moods, the last axis, in nats."""
    p = np.clip(probabilities, 1e-12, 1 - 1e-12)
    return np.asarray(-(p * np.log(p) + (1 - p) * np.log1p(-p)).sum(axis=-1))


def outcomes_of(model: ListenerModel) -> dict[int, Outcomes]:
    """Return the answers to the question of each column that may be asked, by its number."""
    return {number: _outcomes(number, model) for number in model.asked_columns}


def _outcomes(number: int, model: ListenerModel) -> Outcomes:
    column, span = model.encoder.columns[number], model.encoder.spans[number]
    if isinstance(column, Scale):
        shares, values, tilts = _parts(column)
    else:
        shares, tilts = column.means, np.eye(len(column.means))
        values = tilts if column.several else tilts - shares
    return Outcomes(
        shares=shares,
        moves=values @ model.weights[span],
        ticks=isinstance(column, Choices) and column.several,
        tilts=tilts,
        span=span,
        spread=model.spreads[number],
    )


def _parts(column: Scale) -> tuple[NDArray[np.float64], ...]:
    """Return shares, encoded values and tilts of a scale's parts, and of a blank that counts.

    Parts tilt in a line with their value, so that the mean comes to what is expected.
    """
    middles = (np.arange(_PARTS) + 0.5) / _PARTS
    encoded = np.array([column.at_rank(rank)[1] for rank in middles])
    blank = column.means[1:]
    shares = np.full(_PARTS, (1 - blank.sum()) / _PARTS)
    n_blank = len(blank)
    values = np.zeros((_PARTS + n_blank, 1 + n_blank))
    values[:_PARTS, 0] = encoded
    values[_PARTS:, 1:] = np.eye(n_blank)
    tilts = np.zeros((1 + n_blank, _PARTS + n_blank))
    tilts[0, :_PARTS] = shares * encoded
    tilts[1:, _PARTS:] = np.eye(n_blank)
    return np.append(shares, blank), values - column.means, tilts
