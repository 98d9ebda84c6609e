"""What an evaluation found, as plain values: ``evaluation.json`` is these, and nothing else."""

from typing import Literal

import msgspec

from moodtune.evaluation.circularity import Circularity
from moodtune.evaluation.intervals import Figure
from moodtune.evaluation.label_units import RowCounts

#: With people's labels, or with a rule that the labels were most likely computed by.
Kind = Literal["agreement", "fidelity"]
AGREEMENT: Kind = "agreement"
FIDELITY: Kind = "fidelity"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of the model beside each reference's.

    ``gains``  by how much the model is better than each reference, paired; above 0 it is better
    """

    model: Figure
    references: dict[str, Figure]
    gains: dict[str, Figure]


class LabelFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One label against the others; ``share`` of all units is what chance precision would be."""

    label: str
    moods: tuple[str, ...]
    n: int
    share: float
    auc: Measured
    average_precision: Measured
    precision_at_10: Measured
    precision_at_50: Measured


class Overall(msgspec.Struct, frozen=True, kw_only=True):
    """Means over the labels, and figures of naming one label per unit.

    ``calibration_error``  expected calibration error, mean over the labels, of each label's share
                           of the probability of all labels that were asked for
    """

    mean_auc: Measured
    mean_average_precision: Measured
    mean_precision_at_10: Measured
    mean_precision_at_50: Measured
    macro_f1: Measured
    calibration_error: Measured


class LabelReliability(msgspec.Struct, frozen=True, kw_only=True):
    """One label's predictions in bins of equal width, empty bins left out."""

    label: str
    predicted: tuple[float, ...]
    observed: tuple[float, ...]
    counts: tuple[int, ...]


class CatalogShare(msgspec.Struct, frozen=True, kw_only=True):
    """The share of the catalog that a mood leads, or that is in clusters called by it."""

    mood: str
    model: Figure
    references: dict[str, Figure]


class LabelAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement with labels.

    ``interval_by``  what was drawn: the group column, or ``track``
    ``not_matched``  label -> rows, of labels that count nowhere
    ``confusion``    units by people's label (rows) and the likeliest by the model, in the order of
                     ``labels``
    """

    kind: Kind
    circularity: Circularity
    counts: RowCounts
    not_matched: dict[str, int]
    interval_by: str
    draws: int
    labels: tuple[LabelFigures, ...]
    overall: Overall
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[LabelReliability, ...]
    catalog_shares: tuple[CatalogShare, ...]
    notes: tuple[str, ...] = ()


class AxisAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement with people's values on one axis of the valence-arousal plane.

    ``column``  the feature that is the reference: valence, or energy for arousal
    ``cells``   units by the rank of people's value (rows) and of the model's, in equal parts
    """

    axis: str
    column: str
    kind: Kind
    circularity: Circularity
    counts: RowCounts
    interval_by: str
    draws: int
    spearman: Measured
    cells: tuple[tuple[int, ...], ...]
    notes: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The label table: ``rejected`` says for each reason how many of its rows were rejected."""

    name: str
    sha256: str
    rows: int
    own_features: bool
    rejected: dict[str, int]


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; ``kind`` is ``fidelity`` as soon as one part is."""

    kind: Kind
    source: Source
    catalog_tracks: int
    synthetic: bool
    seed: int
    labels: LabelAgreement | None
    axes: tuple[AxisAgreement, ...]

    def to_json(self) -> bytes:
        """Return all of it as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"
