"""The guard: labels that are a rule about the columns are told from labels that are not."""

import numpy as np
import pytest

from evaluation_worlds import MATCH, bundle_of, labelled, written
from moodtune.evaluation import circularity
from moodtune.evaluation.circularity import LINE, MODEL, TREE
from moodtune.evaluation.label_units import axis_units, label_units
from moodtune.evaluation.labels import LabelColumns, read_label_table
from moodtune.evaluation.matching import parse_match
from worlds import TAXONOMY

BUNDLE = bundle_of(5)


def guard_of(frame, tmp_path, match="still=Quiet;wild=Loud", group="playlist"):
    columns = LabelColumns(label="mood", group=group)
    table = read_label_table(written(frame, tmp_path), BUNDLE, columns)
    matched = parse_match(match, TAXONOMY.names)
    units = label_units(table, matched)
    nobody = np.zeros(len(units), int)
    return circularity.of_labels(units, len(matched), nobody, by=group or "track", seed=7)


def by(rule, frame):
    """The labels that a rule about the columns gives."""
    return np.where(rule(frame), "Loud", "Quiet")


def test_a_threshold_is_found_by_the_tree(tmp_path):
    frame = labelled(200)
    found = guard_of(labelled(200, mood=by(lambda f: f["energy"] > 0.4, frame)), tmp_path)
    assert found.is_circular
    assert found.score >= 0.98
    assert (found.rule, found.measure, found.baseline) == (TREE, "balanced accuracy", 1 / 2)
    assert "energy" in found.columns


def test_a_weighted_sum_is_found_by_the_line(tmp_path):
    frame = labelled(400)
    mood = by(lambda f: f["energy"] + f["valence"] + f["acousticness"] > 1.5, frame)
    found = guard_of(labelled(400, mood=mood), tmp_path)
    assert found.is_circular
    assert found.rule == LINE


def test_labels_that_only_lean_on_the_columns_are_not_circular(tmp_path):
    frame = labelled(400)
    leaning = np.random.default_rng(2).random(400) < 0.85
    mood = np.where(leaning, by(lambda f: f["energy"] > 0.4, frame), "Quiet")
    found = guard_of(labelled(400, mood=mood), tmp_path)
    assert not found.is_circular
    assert 0.7 < found.score < 0.95


def test_labels_at_random_score_about_the_baseline(tmp_path):
    mood = np.random.default_rng(3).choice(["Quiet", "Loud"], 400)
    found = guard_of(labelled(400, mood=mood), tmp_path)
    assert found.score == pytest.approx(0.5, abs=0.08)


def test_a_rare_label_counts_as_much_as_a_common_one(tmp_path):
    frame = labelled(1000)
    mood = by(lambda f: f["energy"] > 0.97, frame)
    assert guard_of(labelled(1000, mood=mood), tmp_path).is_circular
    random = np.random.default_rng(4).permutation(mood)
    # Always the commoner one would be right on 97 % of these.
    assert guard_of(labelled(1000, mood=random), tmp_path).score < 0.7


def test_what_only_tells_playlists_apart_is_not_circular_when_playlists_are_held_out(tmp_path):
    # Each playlist has a tempo of its own, and says nothing about that of another.
    playlist = np.arange(400) % 4
    circular = {
        "mood": np.where(playlist % 2, "Loud", "Quiet"),
        "playlist": [f"p{k}" for k in playlist],
        "tempo": 60.0 + 30 * playlist,
    }
    held_out = guard_of(labelled(400, **circular), tmp_path)
    assert (held_out.folds, held_out.is_circular) == ("playlist", False)
    assert guard_of(labelled(400, **circular), tmp_path, group=None).is_circular


def test_the_model_itself_is_asked_too(tmp_path):
    frame = labelled(300)
    table = read_label_table(written(frame, tmp_path), BUNDLE, LabelColumns(label="mood"))
    units = label_units(table, parse_match(MATCH, TAXONOMY.names))
    found = circularity.of_labels(units, 3, units.label, by="track", seed=7)
    assert (found.rule, found.score) == (MODEL, 1.0)


def test_too_few_to_say_is_said(tmp_path):
    found = guard_of(labelled(8, mood=["Quiet"] * 4 + ["Loud"] * 4), tmp_path)
    assert (found.score, found.rule, found.is_circular) == (None, None, False)


def axis_guard(values, tmp_path, n=300):
    path = written(labelled(n, human=values), tmp_path)
    table = read_label_table(path, BUNDLE, LabelColumns(valence="human"))
    units = axis_units(table, "valence")
    return circularity.of_axis(units, np.zeros(len(units)), by="track", seed=7)


def test_values_that_are_a_function_of_a_column_are_circular(tmp_path):
    valence = labelled(300)["valence"].to_numpy()
    for values in (valence, np.exp(5 * valence), -valence):
        found = axis_guard(values, tmp_path)
        assert found.is_circular
        assert (found.measure, found.baseline) == ("R2 of ranks", 0.0)


def test_values_that_only_lean_on_a_column_are_not(tmp_path):
    valence = labelled(300)["valence"].to_numpy()
    noise = np.random.default_rng(5).normal(size=300)
    found = axis_guard(valence + 0.3 * noise, tmp_path)
    assert not found.is_circular
    assert 0.2 < found.score < 0.8
    assert axis_guard(noise, tmp_path).score < 0.1
