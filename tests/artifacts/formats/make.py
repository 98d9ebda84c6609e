"""Write a tiny model of today's format: ``python tests/artifacts/formats/make.py``.

Every format keeps one, so that it can be read for as long as it is said to be. Once a release has
written a format, its folder is never made again (docs/model-directory.md).
"""

import sys
import tempfile
from pathlib import Path

import polars as pl

from moodtune.artifacts import (
    FORMAT,
    LISTENER_ID,
    PROBABILITY,
    SURE,
    Manifest,
    ModelBundle,
    SourceTable,
    save_bundle,
)
from moodtune.catalog.readers import read_catalog
from moodtune.catalog.schema import TRACK_ID
from moodtune.features.matrix import feature_matrix
from moodtune.listeners.readers import read_listeners
from moodtune.listeners.table import Listeners
from moodtune.moods.clustering import ClusterSettings, cluster
from moodtune.moods.listener_model import (
    ListenerModel,
    ListenerModelSettings,
    listener_phrases,
)
from moodtune.moods.listener_training import train_listener_model
from moodtune.moods.song_model import train_song_model
from moodtune.moods.taxonomy import load_taxonomy
from moodtune.samples import sample_listeners, sample_tracks

SEED = 7


def tiny_bundle(folder: Path) -> ModelBundle:
    """Train on forty synthetic tracks and sixty listeners; ``folder`` is for their tables."""
    sample_tracks(40, SEED).write_csv(folder / "tracks.csv")
    sample_listeners(60, SEED).write_csv(folder / "listeners.csv")
    taxonomy = load_taxonomy()
    catalog = read_catalog(folder / "tracks.csv")
    listeners = read_listeners(folder / "listeners.csv", listener_phrases(taxonomy))
    features = feature_matrix(catalog)
    song_model = train_song_model(features, taxonomy)
    ids = catalog.tracks[TRACK_ID]
    clustering = cluster(features, ids, ClusterSettings(clusters=3, starts=3), SEED)
    listener_model = train_listener_model(listeners, ListenerModelSettings(repeats=1), SEED)
    return ModelBundle(
        taxonomy=taxonomy,
        song_model=song_model,
        clustering=clustering,
        listener_model=listener_model,
        tracks=catalog.tracks,
        scores=song_model.score(features),
        clusters=clustering.assign(features),
        cluster_moods=("relax", "party", "other"),
        listeners=_profiles(listener_model, listeners),
        manifest=Manifest(
            settings={"clustering": {"clusters": 3, "starts": 3}, "listener_model": {"repeats": 1}},
            seed=SEED,
            synthetic=True,
            sources=tuple(
                SourceTable(name=source.name, sha256=source.sha256, rows=source.n_rows)
                for source in (*catalog.sources, listeners.source)
            ),
        ),
    )


def _profiles(model: ListenerModel, listeners: Listeners) -> pl.DataFrame:
    probabilities = model.predict(listeners.answers)
    moods = {f"{PROBABILITY}{mood}": probabilities[:, m] for m, mood in enumerate(model.moods)}
    return pl.DataFrame(
        {LISTENER_ID: list(listeners.ids), **moods, SURE: model.sure(probabilities)}
    )


def main() -> None:
    """Write the folder of today's format, if it is not there yet."""
    place = Path(__file__).parent / str(FORMAT)
    if place.exists():
        sys.exit(f"{place} exists: a format that was released is never made again")
    with tempfile.TemporaryDirectory() as folder:
        save_bundle(tiny_bundle(Path(folder)), place)


if __name__ == "__main__":
    main()
