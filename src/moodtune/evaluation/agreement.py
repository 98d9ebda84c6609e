"""How far a model agrees with people's labels of tracks, beside what agrees without it.

A unit is a track and a label that people gave it. A label's probability is the sum of its moods'.
Ranking figures are of that sum, one label against the others, ties broken by track id and label;
naming and calibration are of its share among the labels asked for. Every interval is a 95 %
bootstrap by group where there is one, else by track, and every gain is paired: the model less the
reference in the same sample.
"""

import numpy as np

from moodtune.artifacts.bundle import ModelBundle
from moodtune.errors import UsageError
from moodtune.evaluation import circularity, references
from moodtune.evaluation.agreement_metrics import confusion
from moodtune.evaluation.agreement_results import (
    AGREEMENT,
    FIDELITY,
    Evaluation,
    LabelAgreement,
    Source,
)
from moodtune.evaluation.asking import AgreementSettings, Asked
from moodtune.evaluation.axis_agreement import axis_agreement
from moodtune.evaluation.catalog_shares import catalog_shares
from moodtune.evaluation.label_units import label_units
from moodtune.evaluation.labels import LABEL, LabelColumns, LabelTable
from moodtune.evaluation.matching import LabelMatch, match_by_name, parse_match
from moodtune.evaluation.measuring import label_figures, measure, overall, reliability
from moodtune.evaluation.references import ORIGINAL, TWO_COLUMNS
from moodtune.moods.trained_labels import TrainedLabels


def evaluate(
    bundle: ModelBundle,
    table: LabelTable,
    columns: LabelColumns,
    *,
    match: str | None = None,
    trained_labels: TrainedLabels | None = None,
    settings: AgreementSettings | None = None,
) -> Evaluation:
    """Hold ``bundle`` against the labels of ``table``, whatever ``columns`` asks for of it.

    ``match``           as ``parse_match`` reads it; None matches labels that are called like moods
    ``trained_labels``  tracks whose labels were learnt from, and are left out; by default those
                        that the bundle has recorded

    Raises UsageError for a match that cannot be, TooLittleDataError where there is nothing to tell
    apart.
    """
    if columns.label is None and not columns.axes:
        raise UsageError(
            "say which columns hold what people said: --label-column, or --valence and --arousal"
        )
    asked = Asked(
        bundle=bundle,
        table=table,
        columns=columns,
        trained_labels=bundle.trained_labels if trained_labels is None else trained_labels,
        settings=settings or AgreementSettings(),
    )
    labels = None if columns.label is None else _label_agreement(asked, _matched(asked, match))
    axes = tuple(axis_agreement(asked, axis) for axis in columns.axes)
    kinds = [part.kind for part in axes] + ([labels.kind] if labels else [])
    return Evaluation(
        kind=FIDELITY if FIDELITY in kinds else AGREEMENT,
        source=Source(
            name=table.name,
            sha256=table.sha256,
            rows=table.n_rows,
            own_features=table.own_features,
            rejected=table.rejected,
        ),
        catalog_tracks=bundle.tracks.height,
        synthetic=bundle.manifest.synthetic,
        seed=asked.settings.seed,
        labels=labels,
        axes=axes,
    )


def _matched(asked: Asked, match: str | None) -> tuple[LabelMatch, ...]:
    moods = asked.bundle.taxonomy.names
    if match is not None:
        return parse_match(match, moods)
    return match_by_name(asked.table.rows[LABEL].drop_nulls().unique().to_list(), moods)


def _label_agreement(asked: Asked, match: tuple[LabelMatch, ...]) -> LabelAgreement:
    units, n = label_units(asked.table, match, asked.trained_labels), len(match)
    model = references.of_the_model(asked.bundle, units.features, match)
    recipe = references.original_recipe(asked.bundle, units.columns)
    two = references.TwoColumns.of(asked.bundle)
    predictions = (
        model,
        references.constant(units.label, n),
        references.grouped(ORIGINAL, recipe.by_mood, match, len(units)),
        references.grouped(TWO_COLUMNS, two.by_mood(units.features), match, len(units)),
    )
    draws, notes = asked.resampling(units, labelled=True)
    measured = measure(predictions, units, n, draws, bins=asked.settings.bins)
    named = model.scores.argmax(axis=1)
    guard = circularity.of_labels(units, n, named, by=asked.by, seed=asked.settings.seed)
    counts = confusion(units.label, named, n, np.ones(len(units)))
    return LabelAgreement(
        kind=FIDELITY if guard.is_circular else AGREEMENT,
        circularity=guard,
        counts=units.counts,
        not_matched=units.not_matched,
        interval_by=draws.by,
        draws=draws.draws,
        labels=tuple(label_figures(measured, units, match)),
        overall=overall(measured),
        confusion=tuple(tuple(row) for row in counts.astype(int).tolist()),
        reliability=tuple(reliability(model, units, match, bins=asked.settings.bins)),
        catalog_shares=tuple(catalog_shares(asked.bundle, two, recipe)),
        notes=notes,
    )
