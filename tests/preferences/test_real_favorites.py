"""Real people's favorites: what is hidden of them is found again. The twin is always run."""

import os
from pathlib import Path

import numpy as np
import pytest

from moodtune.catalog.readers import read_catalog
from moodtune.evaluation import list_metrics
from moodtune.preferences.collaborative_training import CollaborativeSettings, fit_weights
from moodtune.preferences.content import ContentIndex
from moodtune.preferences.histories import read_histories
from moodtune.preferences.taste import TasteModel
from moodtune.ranking.scoring import best_first
from preference_worlds import checkerboard, content_of, features_of

DATA = Path(os.environ.get("MOODTUNE_DATA", "/nowhere")) / "listening"
needs_favorites = pytest.mark.skipif(
    not DATA.is_dir(), reason="MOODTUNE_DATA names no folder with listening/ in it"
)

#: The tracks hidden of each listener, and the listeners whose lists are looked at.
HIDDEN = 5
LOOKED_AT = 800


def without_hidden(histories, n_hidden, seed=0):
    """Return what is known and what is hidden of each listener."""
    numbers = np.random.default_rng(seed)
    hidden = np.zeros(len(histories.rows), dtype=np.bool_)
    for start, length in zip(histories.starts[:-1], histories.lengths, strict=True):
        hidden[start + numbers.permutation(length)[:n_hidden]] = True
    return histories.keep(~hidden), histories.keep(hidden)


def mean_ndcg(model, known, hidden, listeners):
    lists = []
    for listener in listeners:
        scores = model.of(known.of(listener)).scores()
        scores[known.of(listener)] = -np.inf
        lists.append(best_first(scores, 10))
    wanted = [hidden.of(listener) for listener in listeners]
    found = list_metrics.hits(np.array(lists), wanted)
    return list_metrics.ndcg(found, np.array([len(rows) for rows in wanted])).mean()


def test_in_a_world_of_two_colors_histories_find_the_color_again():
    known, hidden = without_hidden(checkerboard(200, n_tracks=60, each=20), 5)
    content = content_of(60, [[f"Artist {i // 2}"] for i in range(60)])
    model = fit_weights(known, CollaborativeSettings(), strength=30.0)
    alone = mean_ndcg(TasteModel(content=content), known, hidden, range(50))
    both = mean_ndcg(TasteModel(content=content, collaborative=model), known, hidden, range(50))
    # Ten of one color are left by chance 15 of 60; of the right color they are 15 of 15.
    assert both > 1.5 * alone
    assert both > 0.25


@pytest.fixture(scope="module")
def favorites():
    catalog = read_catalog(DATA / "favorites_catalog.csv")
    histories = read_histories(DATA / "favorites.parquet", catalog.tracks)
    return catalog, histories


@needs_favorites
def test_every_favorite_is_matched_to_a_kept_track_once(favorites):
    catalog, histories = favorites
    counts = histories.counts
    assert (counts.n_read, counts.n_unknown, counts.n_blank) == (176_097, 0, 0)
    # 44 favorites are another id of a song that the listener has already.
    assert (counts.n_repeated, len(histories.rows)) == (44, 176_053)
    assert len(histories) == 8807
    assert histories.rows.max() < len(catalog)


@needs_favorites
def test_content_finds_favorites_and_histories_find_more(favorites):
    catalog, histories = favorites
    content = ContentIndex.of(catalog.tracks, features_of(catalog.tracks))
    known, hidden = without_hidden(histories, HIDDEN)
    listeners = np.random.default_rng(1).permutation(len(histories))[:LOOKED_AT]
    # Item-item on a third of the listeners: quick, and much more than content alone already.
    learnt = known.keep(np.isin(known.listeners, np.arange(0, len(known), 3)))
    model = fit_weights(learnt, CollaborativeSettings(max_dense=0), strength=30.0)
    alone = mean_ndcg(TasteModel(content=content), known, hidden, listeners)
    both = mean_ndcg(TasteModel(content=content, collaborative=model), known, hidden, listeners)
    assert alone > 0.105
    assert both > alone + 0.03
