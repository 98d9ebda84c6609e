"""The table of bars: every figure as it was measured, and each bar met or missed."""

import importlib
from pathlib import Path

import pytest

from evaluation_worlds import bundle_of, labelled, written
from moodtune.evaluation.agreement import evaluate
from moodtune.evaluation.asking import AgreementSettings
from moodtune.evaluation.labels import LabelColumns, read_label_table

FOLDER = Path(__file__).parents[2] / "benchmarks"
COLUMNS = LabelColumns(label="mood", valence="valence", arousal="acousticness")


@pytest.fixture
def agreement(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("agreement")


def test_each_bar_stands_with_what_was_measured_and_is_met_or_missed(agreement, tmp_path):
    bundle = bundle_of(100)
    table = read_label_table(written(labelled(150), tmp_path), bundle, COLUMNS)
    settings = AgreementSettings(draws=200)
    match = "still=Quiet;wild=Loud;glad=Bright"
    found = evaluate(bundle, table, COLUMNS, match=match, settings=settings)
    bars = list(agreement.bars(found, found))
    assert [(bar.measure, bar.must_reach, bar.is_met) for bar in bars] == [
        ("mean AUC", 0.775, True),
        ("mean precision@50", 0.55, True),
        ("Spearman of valence", 0.42, True),
        # The known model's arousal is the energy, and acousticness has nothing to do with it.
        ("Spearman of arousal", 0.37, False),
    ]
    rows = agreement.report(bars).splitlines()[2:]
    assert [row.endswith("| met |") for row in rows] == [True, True, True, False]
    auc = found.labels.overall.mean_auc.model
    assert f"| {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}] |" in rows[0]
    assert rows[2].split("|")[2].strip() == "–"  # noqa: RUF001 -- as it is printed
