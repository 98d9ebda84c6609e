"""A trained model, relabelled: other moods for the same tracks and clusters, in seconds.

The model directory holds all that this needs: the tracks with their features, the clusters, and
the settings. What comes out is what training with the taxonomy from the start would have made.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec
import polars as pl

from moodtune.artifacts import LISTENER_ID, PROBABILITY, SURE, Manifest, ModelBundle
from moodtune.catalog.schema import TRACK_ID
from moodtune.config import checked
from moodtune.features.matrix import features_of
from moodtune.moods.listener_model import ListenerModel
from moodtune.moods.naming import NamedCluster, NamingSettings, cluster_moods, name_clusters
from moodtune.moods.song_model import SongModelSettings, train_song_model
from moodtune.moods.taxonomy import Taxonomy
from moodtune.tables.text import quoted

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabelled:
    """The model with its new moods, its clusters' names, and sentences about what was dropped."""

    bundle: ModelBundle
    clusters: tuple[NamedCluster, ...]
    notes: tuple[str, ...]


def relabel(bundle: ModelBundle, taxonomy: Taxonomy) -> Relabelled:
    """Return ``bundle`` with the moods of ``taxonomy``; nothing is clustered again.

    Listeners' profiles are kept for the listener moods that the taxonomy has too; the model of
    listeners only if it has all of them. What labels taught was about the old moods, and is
    dropped.
    """
    settings, tracks = bundle.manifest.settings, bundle.tracks
    features = features_of(tracks)
    model = train_song_model(
        features, taxonomy, _setting(SongModelSettings, settings, "song_model")
    )
    scores = model.score(features)
    clusters = name_clusters(
        bundle.clustering, features, tracks[TRACK_ID], scores, taxonomy,
        settings=_setting(NamingSettings, settings, "naming"),
    )  # fmt: skip
    names, notes = _listener_moods(bundle, taxonomy)
    if bundle.trained_labels is not None:
        notes.append(
            "What people's labels taught the model was about its old moods, and is dropped: train "
            "again with --labels and --taxonomy to learn from them"
        )
    relabelled = replace(
        bundle,
        taxonomy=taxonomy,
        song_model=model,
        listener_model=_model(bundle.listener_model, names),
        scores=scores,
        cluster_moods=cluster_moods(clusters),
        listeners=_profiles(bundle.listeners, names),
        manifest=_manifest(bundle.manifest),
        trained_labels=None,
    )
    return Relabelled(bundle=relabelled, clusters=clusters, notes=tuple(notes))


def _setting(kind: type[_T], settings: dict[str, dict[str, object]], name: str) -> _T:
    return checked(kind, settings.get(name, {}))


def _manifest(trained: Manifest) -> Manifest:
    return msgspec.structs.replace(trained, lessons=None, files=(), own_sha256="")


def _listener_moods(bundle: ModelBundle, taxonomy: Taxonomy) -> tuple[dict[str, str], list[str]]:
    """Return what each of the model's listener moods is called now, and notes about the others.

    A mood whose name has become a phrase of another is called by that other's name.
    """
    if bundle.listener_model is not None:
        moods = bundle.listener_model.moods
    elif bundle.listeners is not None:
        names = bundle.listeners.columns
        moods = tuple(name.removeprefix(PROBABILITY) for name in names[1:-1])
    else:
        return {}, []
    found = {mood: taxonomy.listener_mood(mood) for mood in moods}
    called = {mood: now.name for mood, now in found.items() if now is not None}
    several = {name for name, n in Counter(called.values()).items() if n > 1}
    called = {mood: now for mood, now in called.items() if now not in several}
    gone = [mood for mood in moods if mood not in called]
    return called, [_gone(gone, all_gone=not called)] if gone else []


def _gone(moods: list[str], *, all_gone: bool) -> str:
    shown = ", ".join(quoted(mood) for mood in moods)
    dropped = "the listeners' profiles" if all_gone else "its share of the listeners' profiles"
    return (
        f"The taxonomy has no listener mood for {shown}: {dropped} and the model of listeners are "
        "dropped; train again with --behavior and --taxonomy to have them"
    )


def _model(model: ListenerModel | None, names: dict[str, str]) -> ListenerModel | None:
    if model is None or len(names) < len(model.moods):
        return None
    return replace(model, moods=tuple(names[mood] for mood in model.moods))


def _profiles(listeners: pl.DataFrame | None, names: dict[str, str]) -> pl.DataFrame | None:
    """Return the profiles of the moods that are left; where one is not, nobody is sure."""
    if listeners is None or not names:
        return None
    kept = [
        pl.col(f"{PROBABILITY}{old}").alias(f"{PROBABILITY}{new}") for old, new in names.items()
    ]
    is_whole = len(names) == listeners.width - 2  # but for the id and whether it is sure
    sure = pl.col(SURE) if is_whole else pl.lit(value=False).alias(SURE)
    return listeners.select(LISTENER_ID, *kept, sure)
