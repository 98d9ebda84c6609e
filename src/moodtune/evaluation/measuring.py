"""Every figure of the labels, of the model and its references, in the same bootstrap samples."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from moodtune.evaluation.agreement_metrics import RankedList, confusion, macro_f1
from moodtune.evaluation.agreement_results import LabelFigures, LabelReliability, Measured, Overall
from moodtune.evaluation.intervals import Figure, figure
from moodtune.evaluation.label_units import Units
from moodtune.evaluation.matching import LabelMatch
from moodtune.evaluation.metrics import bin_numbers, calibration_error
from moodtune.evaluation.references import MODEL, Prediction
from moodtune.evaluation.resampling import Resampling

_FIRST = (10, 50)
_LABEL_FIGURES = ("auc", "average_precision", *(f"precision_at_{k}" for k in _FIRST))

#: Name of a figure and number of its label -> a value per sample; -1 is for all labels together.
_Drawn = dict[tuple[str, int], NDArray[np.float64]]


def measure(
    predictions: Sequence[Prediction], units: Units, n: int, draws: Resampling, *, bins: int
) -> dict[str, Measured]:
    """Return every figure of the model beside the references, by ``name`` or ``name:label``."""
    whole = {p.name: _figures(p, units, n, np.ones((1, len(units))), bins) for p in predictions}
    parts: dict[str, list[_Drawn]] = {p.name: [] for p in predictions}
    for weights in draws.blocks():
        for p in predictions:
            parts[p.name].append(_figures(p, units, n, weights, bins))
    return {
        f"{name}:{label}": beside(
            {p: float(whole[p][name, label][0]) for p in whole},
            {p: np.concatenate([part[name, label] for part in parts[p]]) for p in parts},
            is_error=name == "calibration_error",
        )
        for name, label in whole[MODEL]
    }


def _figures(
    prediction: Prediction, units: Units, n: int, weights: NDArray[np.float64], bins: int
) -> _Drawn:
    """Return all figures of one prediction in each sample of ``weights`` [shape=(b, n_units)]."""
    found: _Drawn = {}
    for label in range(n):
        ranked = RankedList.of(units.label == label, prediction.scores[:, label], weights)
        found["auc", label] = ranked.auc()
        found["average_precision", label] = ranked.average_precision()
        for k in _FIRST:
            found[f"precision_at_{k}", label] = ranked.precision_at(k)
    for name in _LABEL_FIGURES:
        found[name, -1] = np.mean([found[name, label] for label in range(n)], axis=0)
    shares = prediction.probabilities
    named = prediction.scores.argmax(axis=1)
    found["macro_f1", -1] = macro_f1(confusion(units.label, named, n, weights))
    errors = [
        calibration_error(units.label == label, shares[:, label], weights, n_bins=bins)
        for label in range(n)
    ]
    found["calibration_error", -1] = np.mean(errors, axis=0)
    return found


def beside(
    values: Mapping[str, float], drawn: Mapping[str, NDArray[np.float64]], *, is_error: bool
) -> Measured:
    """Return the model's figure, the references', and how much better the model is than each."""
    others = [name for name in values if name != MODEL]
    sign = -1 if is_error else 1
    return Measured(
        model=_figure(values[MODEL], drawn[MODEL], is_error=is_error),
        references={p: _figure(values[p], drawn[p], is_error=is_error) for p in others},
        gains={
            p: _figure(sign * (values[MODEL] - values[p]), sign * (drawn[MODEL] - drawn[p]))
            for p in others
        },
    )


def _figure(value: float, drawn: NDArray[np.float64], *, is_error: bool = False) -> Figure:
    """Return the figure and its interval, without samples in which a label did not occur."""
    known = drawn[~np.isnan(drawn)]
    # Resampling makes a calibration error larger, and so it is recentred.
    return figure(
        value,
        known if len(known) else np.array([value]),
        recentre=is_error,
        least=0 if is_error else -np.inf,
    )


def label_figures(
    measured: Mapping[str, Measured], units: Units, match: Sequence[LabelMatch]
) -> Iterator[LabelFigures]:
    """Yield each label's figures of what ``measure`` found."""
    sizes = np.bincount(units.label, minlength=len(match))
    for number, one in enumerate(match):
        figures = {name: measured[f"{name}:{number}"] for name in _LABEL_FIGURES}
        yield LabelFigures(
            label=one.label,
            moods=one.moods,
            n=int(sizes[number]),
            share=float(sizes[number] / len(units)),
            **figures,
        )


def overall(measured: Mapping[str, Measured]) -> Overall:
    """Return the figures of all labels together of what ``measure`` found."""
    means = {f"mean_{name}": measured[f"{name}:-1"] for name in _LABEL_FIGURES}
    return Overall(
        **means,
        macro_f1=measured["macro_f1:-1"],
        calibration_error=measured["calibration_error:-1"],
    )


def reliability(
    model: Prediction, units: Units, match: Sequence[LabelMatch], *, bins: int
) -> Iterator[LabelReliability]:
    """Yield for each label how often it is true, over the probability given to it."""
    for number, one in enumerate(match):
        shares = model.probabilities[:, number]
        places, bin_of = np.unique(bin_numbers(shares, bins), return_inverse=True)
        counts = np.bincount(bin_of, minlength=len(places))
        carried = np.bincount(bin_of, weights=units.label == number, minlength=len(places))
        yield LabelReliability(
            label=one.label,
            predicted=tuple((np.bincount(bin_of, weights=shares) / counts).tolist()),
            observed=tuple((carried / counts).tolist()),
            counts=tuple(counts.tolist()),
        )
