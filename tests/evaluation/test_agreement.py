"""Evaluations of worlds where the right answer is known."""

import re

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from evaluation_worlds import MATCH, bundle_of, labelled, written
from moodtune.errors import UsageError
from moodtune.evaluation.agreement import evaluate
from moodtune.evaluation.asking import AgreementSettings
from moodtune.evaluation.labels import LabelColumns, read_label_table
from moodtune.moods.trained_labels import TrainedLabels

BUNDLE = bundle_of(300)
MOOD = LabelColumns(label="mood", group="playlist")
QUICK = AgreementSettings(draws=200)


def evaluation(frame, tmp_path, columns=MOOD, match=MATCH, settings=QUICK, **options):
    table = read_label_table(written(frame, tmp_path), BUNDLE, columns)
    return evaluate(BUNDLE, table, columns, match=match, settings=settings, **options)


def test_where_the_model_is_right_by_construction_every_figure_is_perfect(tmp_path):
    # Corners: a label's tracks are all surer of it than any other's.
    energy, valence = [0.0, 1.0, 0.5] * 40, [0.0, 0.0, 1.0] * 40
    frame = labelled(
        120, energy=energy, valence=valence, mood=["Quiet", "Loud", "Bright"] * 40
    ).with_columns(playlist=pl.col("mood") + (pl.int_range(120) // 30).cast(pl.String))
    found = evaluation(frame, tmp_path).labels
    for name in ("mean_auc", "mean_average_precision", "mean_precision_at_10", "macro_f1"):
        figure = getattr(found.overall, name).model
        assert (figure.value, figure.low, figure.high) == (1, 1, 1)
    assert found.overall.calibration_error.model.value == pytest.approx(0)
    assert found.confusion == ((40, 0, 0), (0, 40, 0), (0, 0, 40))
    # And being a rule about two columns, it is no agreement with people.
    assert found.kind == "fidelity"


def test_labels_at_random_give_one_half_within_the_interval(tmp_path):
    frame = labelled(600)
    shuffled = frame["mood"].shuffle(seed=3)
    groups = [f"{name} {k % 6}" for k, name in enumerate(shuffled)]
    found = evaluation(labelled(600, mood=shuffled, playlist=groups), tmp_path).labels
    assert found.kind == "agreement"
    auc = found.overall.mean_auc
    assert auc.model.low < 0.5 < auc.model.high
    assert auc.gains["constant"].low < 0 < auc.gains["constant"].high
    assert auc.references["constant"].value == 0.5


def test_labels_that_mostly_agree_are_agreement_and_beat_the_constant(tmp_path):
    found = evaluation(labelled(600, noise=0.3), tmp_path).labels
    assert found.kind == "agreement"
    assert 0.75 < found.overall.mean_auc.model.value < 1
    assert found.overall.mean_auc.gains["constant"].low > 0.2
    assert found.interval_by == "playlist"


def test_figures_are_scikit_learns(tmp_path):
    frame = labelled(200, noise=0.5)
    found = evaluation(frame, tmp_path).labels
    energy, valence = (frame[name].to_numpy() for name in ("energy", "valence"))
    scores = {
        "Quiet": (1 - valence) * (1 - energy),
        "Loud": (1 - valence) * energy,
        "Bright": valence,
    }
    for label in found.labels:
        is_it = frame["mood"].to_numpy() == label.label
        score = scores[label.label]
        assert label.n == is_it.sum()
        assert label.auc.model.value == pytest.approx(roc_auc_score(is_it, score), abs=1e-6)
        expected = average_precision_score(is_it, score)
        assert label.average_precision.model.value == pytest.approx(expected, abs=1e-6)
        first = is_it[np.argsort(-score, kind="stable")]
        assert label.precision_at_10.model.value == pytest.approx(first[:10].mean())
        assert label.precision_at_50.model.value == pytest.approx(first[:50].mean())
    expected = np.mean([label.auc.model.value for label in found.labels])
    assert found.overall.mean_auc.model.value == pytest.approx(expected)


def test_an_interval_is_what_drawing_playlists_by_hand_gives(tmp_path):
    frame = labelled(240, noise=0.5)
    found = evaluation(frame, tmp_path, settings=AgreementSettings(draws=1000)).labels
    scores = np.where(frame["mood"] == "", 0, frame["valence"].to_numpy())
    names, moods = frame["playlist"].to_numpy(), frame["mood"].to_numpy()
    random, drawn = np.random.default_rng(0), []
    for _ in range(400):
        rows = np.concatenate(
            [
                np.flatnonzero(names == name)
                for mood in ("Quiet", "Loud", "Bright")
                for name in random.choice(sorted(set(names[moods == mood])), 5)
            ]
        )
        drawn.append(roc_auc_score(moods[rows] == "Bright", scores[rows]))
    expected = np.percentile(drawn, [2.5, 97.5])
    bright = found.labels[2].auc.model
    assert [bright.low, bright.high] == pytest.approx(expected, abs=0.02)


def test_labels_that_are_not_matched_count_nowhere(tmp_path):
    frame = labelled(200, noise=0.4)
    all_of_it = evaluation(frame, tmp_path, match="still=Quiet;wild=Loud").labels
    without = frame.filter(pl.col("mood") != "Bright")
    less = evaluation(without, tmp_path, match="still=Quiet;wild=Loud").labels
    assert all_of_it.overall == less.overall
    assert all_of_it.not_matched == {"Bright": int((frame["mood"] == "Bright").sum())}
    assert less.not_matched == {}


def test_a_repeated_row_changes_nothing(tmp_path):
    frame = labelled(150, noise=0.4)
    once = evaluation(frame, tmp_path).labels
    again = evaluation(
        pl.concat([frame, frame.head(60)]).sample(fraction=1, shuffle=True, seed=1), tmp_path
    ).labels
    assert once.overall == again.overall
    assert again.counts.repeated == 60


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_intervals(tmp_path):
    frame = labelled(150, noise=0.4)
    first = evaluation(frame, tmp_path)
    assert first.to_json() == evaluation(frame, tmp_path).to_json()
    other = evaluation(frame, tmp_path, settings=AgreementSettings(draws=200, seed=8)).labels
    assert other.overall.mean_auc.model.value == first.labels.overall.mean_auc.model.value
    assert other.overall.mean_auc.model.low != first.labels.overall.mean_auc.model.low


def test_tracks_learnt_from_are_left_out_of_every_figure(tmp_path):
    frame = labelled(200, noise=0.4)
    learnt = frame["track_id"][:80]
    found = evaluation(frame, tmp_path, trained_labels=TrainedLabels.of(learnt)).labels
    rest = evaluation(frame[80:], tmp_path).labels
    assert found.overall == rest.overall
    assert (found.counts.tracks_learnt_from, found.counts.units) == (80, 120)


def test_tracks_that_were_merely_in_the_catalog_are_counted_and_kept(tmp_path):
    ids = [*BUNDLE.tracks["track_id"][:30], *(f"x{k}" for k in range(90))]
    counts = evaluation(labelled(120, noise=0.4, track_id=ids), tmp_path).labels.counts
    assert (counts.tracks_in_catalog, counts.tracks) == (30, 120)


def test_one_playlist_per_label_is_drawn_by_track_and_said(tmp_path):
    frame = labelled(120, noise=0.4)
    found = evaluation(frame.with_columns(playlist="mood"), tmp_path).labels
    assert found.interval_by == "track"
    (note,) = found.notes
    assert note == (
        "Some label has only one playlist: intervals are by track, and do not say how much one "
        "playlist differs from another"
    )


def test_labels_are_matched_by_name_where_nothing_is_said(tmp_path):
    frame = labelled(120, noise=0.4)
    moods = frame["mood"].replace({"Quiet": "Still", "Loud": "WILD"})
    found = evaluation(frame.with_columns(mood=moods), tmp_path, match=None).labels
    assert [(x.label, x.moods) for x in found.labels] == [
        ("Still", ("still",)),
        ("WILD", ("wild",)),
    ]


def test_shares_of_the_catalog_sum_to_one_for_the_model_and_the_references(tmp_path):
    shares = evaluation(labelled(120, noise=0.4), tmp_path).labels.catalog_shares
    assert sum(one.model.value for one in shares) == pytest.approx(1)
    for name in ("original_recipe", "valence_and_energy"):
        assert sum(one.references[name].value for one in shares) == pytest.approx(1, abs=1e-3)
    leading = BUNDLE.scores.leading_names()
    assert shares[0].model.value == pytest.approx((leading == "still").mean())


def axes_of(tmp_path, noise, n=400):
    frame, random = labelled(n), np.random.default_rng(6)
    energy = frame["energy"].to_numpy() + noise * random.normal(size=n)
    valence = frame["valence"].to_numpy() + noise * random.normal(size=n)
    columns = LabelColumns(valence="v", arousal="a")
    found = evaluation(frame.with_columns(v=valence, a=energy), tmp_path, columns, match=None)
    assert found.labels is None
    return found


def test_people_s_values_that_are_the_model_s_are_fidelity(tmp_path):
    found = axes_of(tmp_path, noise=0)
    assert found.kind == "fidelity"
    for axis in found.axes:
        assert axis.spearman.model.value == pytest.approx(1, abs=1e-4)
        assert axis.kind == "fidelity"


def test_people_s_values_that_lean_that_way_are_agreement(tmp_path):
    found = axes_of(tmp_path, noise=0.3)
    assert found.kind == "agreement"
    for axis in found.axes:
        model, column = axis.spearman.model, axis.spearman.references["valence_and_energy"]
        assert 0.5 < model.low < model.value < model.high < 0.9
        # The known model's axis is that very column.
        assert column == model
        assert axis.spearman.gains["valence_and_energy"].value == 0
        assert axis.spearman.gains["constant"].low > 0.5
        assert np.sum(axis.cells) == 400
    assert [axis.column for axis in found.axes] == ["valence", "energy"]


def test_people_s_values_at_random_correlate_with_nothing(tmp_path):
    found = axes_of(tmp_path, noise=1000)
    for axis in found.axes:
        assert axis.spearman.model.low < 0 < axis.spearman.model.high


def test_to_ask_for_nothing_is_refused(tmp_path):
    said = "say which columns hold what people said: --label-column, or --valence and --arousal"
    table = read_label_table(written(labelled(9), tmp_path), BUNDLE, MOOD)
    with pytest.raises(UsageError, match=f"^{re.escape(said)}$"):
        evaluate(BUNDLE, table, LabelColumns())
