"""A loaded model, asked: about listeners, about the tracks of another catalog, and for lists."""

from pathlib import Path

import polars as pl

from moodtune.artifacts import LISTENER_ID, PROBABILITY, SURE, ModelBundle
from moodtune.catalog.gathering import HELD_ROWS
from moodtune.catalog.readers import read_catalog
from moodtune.catalog.schema import TRACK_ID, Catalog
from moodtune.catalog.settings import CatalogSettings
from moodtune.errors import QueryError
from moodtune.features.matrix import feature_matrix
from moodtune.listeners.readers import read_listeners
from moodtune.listeners.settings import ListenerSettings
from moodtune.listeners.table import Listeners
from moodtune.moods.listener_model import ListenerModel


def new_profiles(bundle: ModelBundle, path: Path, settings: ListenerSettings) -> pl.DataFrame:
    """Return the mood profiles of a table's listeners, as ``listener_profiles`` does.

    The table needs no mood column, and may lack whole columns: what is not said is not known.
    QueryError if the model was trained without listeners; TableError for the table.
    """
    model = bundle.listener_model
    if model is None:
        raise QueryError(
            "this model knows no listeners: it was trained without a behavior table; train it "
            "with --behavior TABLE, or ask for a mood with --mood"
        )
    return listener_profiles(
        model, read_listeners(path, None, settings, known_columns=model.columns)
    )


def listener_profiles(model: ListenerModel, listeners: Listeners) -> pl.DataFrame:
    """Return a row per listener: ``id``, ``p_<listener mood>`` in [0, 1] ..., ``sure``.

    The probabilities stand each on its own: several moods can be high at once.
    """
    probabilities = model.predict(listeners.answers)
    columns = {f"{PROBABILITY}{mood}": probabilities[:, m] for m, mood in enumerate(model.moods)}
    return pl.DataFrame(
        {LISTENER_ID: list(listeners.ids), **columns, SURE: model.sure(probabilities)},
        schema_overrides={LISTENER_ID: pl.String},
    )


def known_profiles(bundle: ModelBundle) -> pl.DataFrame:
    """Return the mood profiles of the training listeners; QueryError if there are none."""
    if bundle.listeners is None:
        raise QueryError(
            "this model keeps no listeners: it was trained without a behavior table or with "
            "--no-listeners; name a table with --behavior, or ask for a mood with --mood"
        )
    return bundle.listeners


def profile_of(profiles: pl.DataFrame, listener: str) -> dict[str, float]:
    """Return one listener's probability for each listener mood; QueryError if unknown."""
    found = profiles.filter(pl.col(LISTENER_ID) == listener)
    if found.is_empty():
        ids = profiles[LISTENER_ID]
        hint = f", from {ids[0]!r} to {ids[-1]!r}" if len(ids) else ""
        raise QueryError(f"there is no listener {listener!r}; there are {len(ids)}{hint}")
    row = found.row(0, named=True)
    return {
        name.removeprefix(PROBABILITY): float(value)
        for name, value in row.items()
        if name.startswith(PROBABILITY)
    }


def scores_of(bundle: ModelBundle, catalog: Catalog) -> pl.DataFrame:
    """Return a row per track of ``catalog``, which need not be the one of training.

    ``track_id``, ``mood`` (the most probable), ``cluster``, ``mood_valence`` and ``mood_arousal``
    in [0, 1], ``confidence`` in [0, 1], and ``p_<mood>`` ... that sum to 1.
    """
    features = feature_matrix(catalog)
    scores = bundle.song_model.score(features)
    probabilities = {
        f"{PROBABILITY}{mood}": scores.probabilities[:, m] for m, mood in enumerate(scores.moods)
    }
    return pl.DataFrame(
        {
            TRACK_ID: catalog.tracks[TRACK_ID],
            "mood": scores.leading_names(),
            "cluster": bundle.clustering.assign(features),
            "mood_valence": scores.valence,
            "mood_arousal": scores.arousal,
            "confidence": scores.confidence,
            **probabilities,
        }
    )


def score_table(bundle: ModelBundle, path: Path, settings: CatalogSettings) -> pl.DataFrame:
    """Return ``scores_of`` the tracks in a file or folder."""
    return scores_of(bundle, read_catalog(path, settings, held_rows=HELD_ROWS))
