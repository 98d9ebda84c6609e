"""What is asked of an evaluation, and what is drawn for its intervals."""

from dataclasses import dataclass, replace

import msgspec

from moodtune.artifacts.bundle import ModelBundle
from moodtune.evaluation.label_units import Units
from moodtune.evaluation.labels import LabelColumns, LabelTable
from moodtune.evaluation.resampling import N_DRAWS, Resampling, by_group, by_track
from moodtune.moods.trained_labels import TrainedLabels


class AgreementSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How agreement is measured.

    ``draws``  bootstrap samples; of more than 10,000 units fewer
    ``bins``   of equal width, of the calibration error
    """

    seed: int = 7
    draws: int = N_DRAWS
    bins: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The model, the labels, and which tracks' labels the model has learnt from."""

    bundle: ModelBundle
    table: LabelTable
    columns: LabelColumns
    trained_labels: TrainedLabels | None
    settings: AgreementSettings

    @property
    def by(self) -> str:
        """What hangs together: the group column, or a track."""
        return self.columns.group or "track"

    def resampling(self, units: Units, *, labelled: bool) -> tuple[Resampling, tuple[str, ...]]:
        """Return what is drawn for intervals, and notes about it; ``labelled``: within labels."""
        drawn, settings = None, self.settings
        notes: tuple[str, ...] = ()
        if units.groups is not None:
            label = units.label if labelled else None
            drawn = by_group(units.groups, label, settings.seed, by=self.by)
            if drawn is None:
                notes = (_too_few_groups(self.by, labelled=labelled),)
        drawn = drawn or by_track(units.track_ids, settings.seed)
        return replace(drawn, n_draws=settings.draws), notes


def _too_few_groups(group: str, *, labelled: bool) -> str:
    where = f"Some label has only one {group}" if labelled else f"There is only one {group}"
    return (
        f"{where}: intervals are by track, and do not say how much one {group} differs from another"
    )
