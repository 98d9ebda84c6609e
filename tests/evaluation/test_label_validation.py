"""What labels are worth, measured on groups that were left out."""

import re

import numpy as np
import pytest

from label_worlds import MATCH, TAXONOMY, frame, music, quarters, song_model
from moodtune.errors import TooLittleDataError, UsageError
from moodtune.evaluation import label_validation
from moodtune.evaluation.label_units import label_units
from moodtune.evaluation.label_validation import teach
from moodtune.evaluation.labels import LabelColumns, read_label_table
from moodtune.evaluation.matching import parse_match
from moodtune.moods.label_learning import LabelSettings
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.index import TrackIndex
from worlds import tracks_frame

SETTINGS = LabelSettings(folds=3)
#: For what does not hang on how much is learnt.
QUICK = LabelSettings(folds=2, holds=(0.3,))


@pytest.fixture(scope="module")
def index():
    features = music(60, 9)
    model = song_model(features)
    columns = {name: features.column(name).tolist() for name in features.names}
    return TrackIndex(
        taxonomy=TAXONOMY, song_model=model, columns=TrackColumns.of(tracks_frame(60, **columns)),
        scores=model.score(features),
    )  # fmt: skip


def lesson(index, table, tmp_path, *, group="playlist", match=MATCH, settings=SETTINGS, seed=0):
    table.write_csv(tmp_path / "labels.csv")
    columns = LabelColumns(label="mood", group=group)
    read = read_label_table(tmp_path / "labels.csv", index, columns)
    matched = parse_match(match, TAXONOMY.names)
    return teach(
        index.song_model, label_units(read, matched), matched, TAXONOMY, settings,
        by=group or "track", seed=seed,
    )  # fmt: skip


def labels(n=500, *, noise=0.0, seed=0, **options):
    features = music(n, seed)
    rule = quarters(features, up="energy", glad="valence", noise=noise, seed=seed)
    return frame(features, rule, seed=seed, **options)


def test_labels_that_follow_a_rule_are_shown_to_help_on_playlists_left_out(index, tmp_path):
    found = lesson(index, labels(), tmp_path)
    assert found.hold is not None
    assert found.lesson.mean_auc.gain.low > 0
    assert found.lesson.log_loss.gain.low > 0
    assert (found.lesson.by, found.lesson.groups, found.lesson.folds) == ("playlist", 16, 3)
    assert sum(found.lesson.labels.values()) == found.lesson.pairs == 500


def test_labels_at_random_are_not_shown_to_order_tracks(index, tmp_path):
    gain = lesson(index, labels(noise=1.0), tmp_path).lesson.mean_auc.gain
    assert gain.low < 0.02
    assert abs(gain.value) < 0.05


def test_the_model_without_labels_is_one_of_the_choices(index, tmp_path, monkeypatch):
    """A lesson that makes everything worse is not learnt."""
    from dataclasses import replace

    def harm(model, _tracks, _hold):
        return replace(model, weights=-model.weights * model.offered[:, None])

    monkeypatch.setattr(label_validation, "taught", harm)
    found = lesson(index, labels(), tmp_path)
    assert found.hold is None
    assert found.model is index.song_model
    assert found.lesson.log_loss.gain.value == 0
    assert set(found.lesson.emphasis.values()) == {1.0}


def test_no_track_and_no_group_is_on_both_sides_of_a_fold(index, tmp_path, monkeypatch):
    table = labels(200)
    twice = table.head(40).with_columns(
        mood=table["mood"].head(40).reverse(), playlist=table["playlist"].head(40).reverse()
    )
    seen = []
    genuine = label_validation._Class.without

    def watched(self, *folds):
        rest = genuine(self, *folds)
        inside = np.isin(self.fold, folds)
        seen.append(set(self.track[rest]) & set(self.track[inside]))
        return rest

    monkeypatch.setattr(label_validation._Class, "without", watched)
    lesson(index, table.vstack(twice), tmp_path, settings=QUICK)
    assert seen
    assert not any(seen)


def test_without_groups_tracks_are_left_out_one_by_one(index, tmp_path):
    found = lesson(index, labels(200), tmp_path, settings=QUICK, group=None).lesson
    assert (found.by, found.groups, found.notes) == ("track", 200, ())


def test_a_label_of_one_playlist_is_said_aloud(index, tmp_path):
    found = lesson(index, labels(200, groups=1), tmp_path, settings=QUICK).lesson
    assert found.by == "track"
    assert found.notes == (
        "Some label has only one playlist: single tracks are left out instead of a whole playlist",
    )


def test_the_order_of_rows_changes_nothing(index, tmp_path):
    table = labels(200)
    one, other = (
        lesson(index, each, tmp_path, settings=QUICK)
        for each in (table, table.sample(fraction=1, shuffle=True, seed=3))
    )
    assert one.lesson == other.lesson
    np.testing.assert_array_equal(one.model.weights, other.model.weights)


def test_too_few_tracks_of_a_label_are_counted(index, tmp_path):
    table = labels(200)
    few = table.filter((table["mood"] != "Up") | (table["mood"].cum_count() <= 20))
    n = few.filter(few["mood"] == "Up").height
    assert 0 < n < 20
    message = (
        f"the label 'Up' has {n} tracks with features, and at least 20 of each label are needed to "
        "learn from: bring more, or leave the label out of --match"
    )
    with pytest.raises(TooLittleDataError, match=f"^{re.escape(message)}$"):
        lesson(index, few, tmp_path)


def test_a_kind_of_recording_is_no_mood_to_be_taught(index, tmp_path):
    message = (
        "--match names 'live', a kind of recording and no mood: labels teach moods only; leave it "
        "out of --match"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        lesson(index, labels(200), tmp_path, match="live=Up;calm=Rest")
