"""The report of a training as one noun: every number as it is written, in JSON and in words.

Numbers are rounded once, here; both files are made from the same object, so that a figure in the
text always equals its twin in the JSON. Shares are in percent, as people read them.
"""

from collections.abc import Mapping

import msgspec


class Estimate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure with the interval that it stands in."""

    value: float
    low: float
    high: float


class SourcePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that was read, or left out and why."""

    name: str
    n_rows: int
    columns: Mapping[str, str]  # what it is here -> what the file calls it
    unused_columns: tuple[str, ...]
    left_out: str | None


class RejectionPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows rejected for one reason."""

    column: str
    reason: str
    n_rows: int


class CatalogPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came in, and what became of it: read = kept + rejected + merged."""

    sources: tuple[SourcePart, ...]
    n_read: int
    n_kept: int
    n_rejected: int
    n_merged_ids: int
    n_merged_songs: int
    features: tuple[str, ...]
    rejections: tuple[RejectionPart, ...]
    notes: tuple[str, ...]


class ClusterPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cluster: its mood, its size, and what lies in its middle, in the features' own units."""

    number: int
    mood: str
    runner_up: str
    n_tracks: int
    share_percent: float
    centroid: Mapping[str, float]
    nearest: tuple[str, ...]  # title and artists of the tracks nearest to its centroid


class MoodPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the catalog a mood leads."""

    mood: str
    offered: bool
    n_clusters: int
    n_tracks: int
    share_percent: float


class FidelityPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How closely the song model follows the clusters, on tracks held out; never accuracy."""

    n_heldout: int
    interval_percent: int
    agreement_percent: Estimate
    baseline_percent: float
    baseline_mood: str
    kappa: float


class MeasurePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure of the listener model beside the constant's; ``mood`` is None for all together."""

    measure: str
    better: str  # "lower" or "higher"
    mood: str | None
    model: Estimate
    constant: Estimate
    gain: Estimate  # paired; above 0 the model is better


class TickedPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many listeners ticked a mood."""

    mood: str
    n_listeners: int
    share_percent: float


class AnsweringPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens when the model answers only where it is sure."""

    coverage_percent: float
    hit_rate_percent: float
    hit_rate_of_all_percent: float


class ValidationPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The listener model in cross-validation."""

    n_listeners: int
    n_folds: int
    n_repeats: int
    n_fits: int  # folds in all repeats
    n_fits_won: int  # those in which the model's log loss is below the constant's
    interval_percent: int
    measures: tuple[MeasurePart, ...]
    answering: AnsweringPart | None


class ListenersPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The listeners: what came in, and what the model of them is worth."""

    source: SourcePart
    n_read: int
    n_kept: int
    n_rejected: int
    n_repeats: int
    n_labelled: int
    n_answers: int
    dropped: Mapping[str, str]
    ticked: tuple[TickedPart, ...]
    validation: ValidationPart | None
    notes: tuple[str, ...]


class LabelsPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What labels taught the song model; the figures are on groups of tracks that were left out.

    Each measure's ``constant`` is the model without labels.
    """

    n_tracks: int
    n_pairs: int
    labels: Mapping[str, int]
    moods: Mapping[str, tuple[str, ...]]
    left_out: str  # what was left out in turns: playlists, or single tracks
    n_groups: int
    n_folds: int
    changed: bool  # False where the model without labels did best, and was kept
    emphasis: Mapping[str, float]
    interval_percent: int
    measures: tuple[MeasurePart, ...]
    notes: tuple[str, ...]


class LeftOutPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure that could not be drawn, and why."""

    path: str
    reason: str


class FiguresPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figures beside the report, by their paths."""

    drawn: tuple[str, ...]
    left_out: tuple[LeftOutPart, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that `report.md` says."""

    version: str
    seed: int
    synthetic: bool
    catalog: CatalogPart
    n_clusters: int
    clusters: tuple[ClusterPart, ...]
    moods: tuple[MoodPart, ...]
    fidelity: FidelityPart | None
    labels: LabelsPart | None = None
    listeners: ListenersPart | None
    figures: FiguresPart
    cautions: tuple[str, ...]
    settings: Mapping[str, object]


def to_json(report: Report) -> bytes:
    """Return the report as indented JSON with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(report, order="deterministic"), indent=2) + b"\n"


def from_json(text: bytes) -> Report:
    """Return the report that `to_json` wrote; msgspec.ValidationError if it is none."""
    return msgspec.json.decode(text, type=Report)
