"""Agreement with people's values on the valence-arousal plane."""

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import ENERGY, VALENCE
from moodtune.evaluation import circularity
from moodtune.evaluation.agreement_metrics import mid_ranks, spearman
from moodtune.evaluation.agreement_results import AGREEMENT, FIDELITY, AxisAgreement
from moodtune.evaluation.asking import Asked
from moodtune.evaluation.label_units import axis_units
from moodtune.evaluation.measuring import beside
from moodtune.evaluation.references import CONSTANT, MODEL, TWO_COLUMNS
from moodtune.evaluation.resampling import Resampling

_N_CELLS = 20


def axis_agreement(asked: Asked, axis: str) -> AxisAgreement:
    """Correlate the model's ``axis``, ``valence`` or ``arousal``, with people's.

    Beside it the constant, which orders nothing, and the valence or energy column as it stands. The
    original recipe has no such axis. TooLittleDataError where there are too few values.
    """
    units = axis_units(asked.table, axis, asked.trained_labels)
    features = units.features
    scores = asked.bundle.song_model.score(features)
    ours = (scores.valence if axis == "valence" else scores.arousal).astype(np.float64)
    column = VALENCE if axis == "valence" else ENERGY
    sides = {
        MODEL: ours,
        CONSTANT: np.zeros(len(units)),
        TWO_COLUMNS: features.column(column).astype(np.float64),
    }
    draws, notes = asked.resampling(units, labelled=False)
    values, drawn = _correlations(sides, units.value, draws)
    guard = circularity.of_axis(units, ours, by=asked.by, seed=asked.settings.seed)
    return AxisAgreement(
        axis=axis,
        column=column,
        kind=FIDELITY if guard.is_circular else AGREEMENT,
        circularity=guard,
        counts=units.counts,
        interval_by=draws.by,
        draws=draws.draws,
        spearman=beside(values, drawn, is_error=False),
        cells=_cells(ours, units.value),
        notes=notes,
    )


def _correlations(
    sides: dict[str, NDArray[np.float64]], theirs: NDArray[np.float64], draws: Resampling
) -> tuple[dict[str, float], dict[str, NDArray[np.float64]]]:
    """Return each side's correlation with people's values, and the same in each sample."""
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in sides}
    for weights in draws.blocks():
        for name, side in sides.items():
            drawn[name].append(spearman(side, theirs, weights))
    once = np.ones((1, len(theirs)))
    values = {name: float(spearman(side, theirs, once)[0]) for name, side in sides.items()}
    return values, {name: np.concatenate(parts) for name, parts in drawn.items()}


def _cells(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> tuple[tuple[int, ...], ...]:
    """Count units by the rank of people's value (rows) and of the model's, in 20 equal parts."""
    even = np.ones(len(ours))
    rows, across = (
        np.minimum(((mid_ranks(v, even) - 0.5) / len(v) * _N_CELLS).astype(np.intp), _N_CELLS - 1)
        for v in (theirs, ours)
    )
    counts = np.bincount(rows * _N_CELLS + across, minlength=_N_CELLS**2)
    return tuple(tuple(row) for row in counts.reshape(_N_CELLS, _N_CELLS).tolist())
