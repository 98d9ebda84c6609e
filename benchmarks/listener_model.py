"""What the listener model is worth on the survey, beside what it must reach.

    python benchmarks/listener_model.py --data DIR

5-fold cross-validation, folds dealt anew with seeds 0 to 4, rows that repeat others left out.
Ends with 1 if a bar is missed. The bars are the survey's: on a sample nothing is held to them.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from surroundings import Tables, find_tables, machine

from moodtune.evaluation.intervals import Compared, Figure
from moodtune.evaluation.listener_validation import ListenerValidation, measure
from moodtune.evaluation.questioning import QuestionsCompared, compare_questions
from moodtune.listeners.readers import read_listeners
from moodtune.moods.listener_model import ListenerModelSettings, listener_phrases
from moodtune.moods.listener_training import (
    OutOfFold,
    out_of_fold_predictions,
    train_listener_model,
)
from moodtune.moods.taxonomy import load_taxonomy

TITLE = "The listener model beside the constant, in cross-validation"
SEEDS = range(5)
MIN_AUC, MIN_HIT_RATE, MAX_LOG_LOSS, MAX_CALIBRATION_ERROR = 0.73, 0.78, 0.50, 0.05


def run(tables: Tables, scratch: Path, *, times: int) -> tuple[str, bool]:
    """Return the table as markdown, and whether all bars are met; nothing here is timed."""
    del scratch, times
    settings = ListenerModelSettings(repeats=1)
    listeners = read_listeners(tables.behavior, listener_phrases(load_taxonomy()))
    each = [out_of_fold_predictions(listeners, settings, seed) for seed in SEEDS]
    together = stacked(each)
    model = train_listener_model(listeners, settings, SEEDS[0], together)
    validation = measure(together, model.sure_from, SEEDS[0])
    questions = compare_questions(listeners, settings, SEEDS)
    rows = [*figure_rows(validation), *question_rows(questions)]
    counts = (
        f"{validation.n_listeners} distinct listeners of {listeners.n_read} rows, "
        f"{len(validation.moods)} moods; 95 % intervals by bootstrap over listeners.\n"
    )
    lines = [
        counts,
        "| figure | model | without it | gain | must reach | |",
        "|---|---|---|---|---|---|",
        *(row for row, _ in rows),
        "",
        *(f"- {line}" for line in remarks(validation, questions)),
    ]
    real = "real tables" in tables.called
    return "\n".join(lines), all(met for _, met in rows) or not real


def stacked(each: list[OutOfFold]) -> OutOfFold:
    """Return the predictions of several seeds as repeats of one."""
    arrays = {
        name: np.concatenate([getattr(one, name) for one in each])
        for name in ("probabilities", "constants", "folds")
    }
    return OutOfFold(moods=each[0].moods, rows=each[0].rows, ticks=each[0].ticks, **arrays)


def figure_rows(v: ListenerValidation) -> Iterator[tuple[str, bool]]:
    auc, hit, loss, error = v.auc, v.hit_rate, v.log_loss, v.calibration_error
    yield row("mean AUC", auc, f">= {MIN_AUC}", met=auc.model.value >= MIN_AUC)
    yield row("hit rate", hit, f">= {MIN_HIT_RATE}", met=hit.model.value >= MIN_HIT_RATE)
    yield row("mean log loss", loss, f"<= {MAX_LOG_LOSS}", met=loss.model.value <= MAX_LOG_LOSS)
    for mood, one in zip(v.moods, v.log_loss_by_mood, strict=True):
        yield row(f"log loss, {mood}", one, "below the constant's", met=one.gain.value > 0)
    met = error.model.value <= MAX_CALIBRATION_ERROR
    yield row("calibration error", error, f"<= {MAX_CALIBRATION_ERROR}", met=met)
    gain, risk = v.risk_coverage.gain_at_70, v.risk_coverage
    at_70 = risk.hit_rate[risk.coverage.index(0.7)]
    yield line(
        "hit rate of the surest 70 %",
        shown(at_70),
        shown(v.hit_rate.model),
        shown(gain),
        "gain's interval above 0",
        met=gain.low > 0,
    )


def question_rows(q: QuestionsCompared) -> Iterator[tuple[str, bool]]:
    yield line(
        f"mean log loss after {q.n_questions} chosen questions, beside as many random ones",
        shown(q.chosen),
        shown(q.random),
        shown(q.gain),
        "gain's interval above 0",
        met=q.gain.low > 0,
    )


def remarks(v: ListenerValidation, q: QuestionsCompared) -> Iterator[str]:
    """Yield what has no bar of its own."""
    yield f"Mean log loss below the constant's in {v.folds_won} of {len(v.fold_losses)} folds."
    for mood, one in zip(v.moods, v.auc_by_mood, strict=True):
        yield f"AUC of {mood}: {shown(one.model)}."
    risk = v.risk_coverage
    hits = "nobody" if risk.sure_hit_rate is None else f"{risk.sure_hit_rate:.3f} of them right"
    yield f"Sure from {risk.sure_from:.3f} on: {risk.sure_coverage:.0%} of listeners, {hits}."
    yield (
        f"Mean log loss with nothing known {shown(q.nothing)}, with all answers "
        f"{shown(q.everything)}."
    )
    yield (
        f"{q.commonest:.0%} of listeners are asked the same {q.n_questions} questions in the same "
        "order; for the others the answers so far decide otherwise."
    )


def row(name: str, compared: Compared, bar: str, *, met: bool) -> tuple[str, bool]:
    c = compared
    return line(name, shown(c.model), shown(c.constant), shown(c.gain), bar, met=met)


def line(name: str, *cells: str, met: bool) -> tuple[str, bool]:
    return f"| {name} | {' | '.join(cells)} | {'met' if met else 'missed'} |", met


def shown(f: Figure) -> str:
    return f"{f.value:.3f} [{f.low:.3f}, {f.high:.3f}]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moodtune-bench-") as scratch:
        tables = find_tables(options.data, Path(scratch))
        text, met = run(tables, Path(scratch), times=1)
    print(f"# {TITLE}\n\nMeasured on {tables.called}; {machine()}.\n\n{text}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
