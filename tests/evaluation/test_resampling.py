"""Bootstrap samples: what hangs together is drawn together."""

import numpy as np

from moodtune.evaluation.resampling import Resampling, by_group, by_track


def drawn(resampling):
    return np.concatenate(list(resampling.blocks()))


def test_units_of_one_track_are_drawn_together():
    counts = drawn(by_track(np.array(["a", "b", "a", "c"]), 7))
    assert counts.shape == (1000, 4)
    assert (counts[:, 0] == counts[:, 2]).all()
    assert (counts[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert (counts[:, 0] != counts[:, 1]).any()


def test_every_label_keeps_its_number_of_groups():
    groups, labels = np.array(["s1", "s2", "s2", "c1", "c2", "c3"]), np.array([0, 0, 0, 1, 1, 1])
    counts = drawn(by_group(groups, labels, 7, by="playlist"))
    assert (counts[:, 1] == counts[:, 2]).all()
    assert (counts[:, [0, 1]].sum(axis=1) == 2).all()
    assert (counts[:, [3, 4, 5]].sum(axis=1) == 3).all()


def test_a_label_of_one_group_alone_cannot_be_drawn_by_group():
    groups = np.array(["s1", "s2", "c1"])
    assert by_group(groups, np.array([0, 0, 1]), 7, by="playlist") is None
    assert by_group(groups, None, 7, by="playlist") is not None
    assert by_group(np.array(["a", "a"]), None, 7, by="playlist") is None


def test_a_group_of_several_labels_stands_with_its_commonest():
    found = by_group(
        np.array(["a", "a", "a", "b", "c", "d"]), np.array([1, 1, 0, 1, 0, 0]), 7, by="g"
    )
    assert found.stratum.tolist() == [1, 1, 0, 0]


def test_same_seed_same_samples_and_another_seed_others():
    tracks = np.array(list("abcdefgh"))
    assert (drawn(by_track(tracks, 7)) == drawn(by_track(tracks, 7))).all()
    assert (drawn(by_track(tracks, 7)) != drawn(by_track(tracks, 8))).any()


def test_of_very_many_units_fewer_samples_are_drawn_and_never_under_200():
    def draws(n):
        return Resampling(cluster=np.zeros(n, int), stratum=np.zeros(1, int), by="", seed=0).draws

    assert [draws(n) for n in (10, 10_000, 20_000, 10_000_000)] == [1000, 1000, 500, 200]
