"""Moodtune: the mood of a listener, the moods of a catalog, and the tracks that fit.

The map::

    train(catalog, behavior)      tables -> TrainingRun (pipeline)
    write(run, out)               the model, the report, the figures
    load_bundle(path)             a model directory -> ModelBundle (artifacts)
    save_bundle(bundle, path)
    recommend(index, query)       bundle.index and a Query -> Recommendations (ranking)
    new_profiles(bundle, table)   listeners -> their mood probabilities (answering)
    score_table(bundle, table)    tracks -> their moods (answering)
    Settings                      everything that training can be told (config)
    MoodtuneError                 the root of every error raised on purpose (errors)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from moodtune.version import __version__

if TYPE_CHECKING:
    from moodtune.answering import new_profiles, score_table
    from moodtune.artifacts import ModelBundle, load_bundle, save_bundle
    from moodtune.config import Settings
    from moodtune.errors import MoodtuneError
    from moodtune.pipeline import train, write
    from moodtune.ranking.query import Query
    from moodtune.ranking.recommending import recommend

__all__ = [
    "ModelBundle",
    "MoodtuneError",
    "Query",
    "Settings",
    "__version__",
    "load_bundle",
    "new_profiles",
    "recommend",
    "save_bundle",
    "score_table",
    "train",
    "write",
]

_HOMES = {
    "answering": ("new_profiles", "score_table"),
    "artifacts": ("ModelBundle", "load_bundle", "save_bundle"),
    "config": ("Settings",),
    "errors": ("MoodtuneError",),
    "pipeline": ("train", "write"),
    "ranking.query": ("Query",),
    "ranking.recommending": ("recommend",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: ``moodtune --help`` needs none of them."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"moodtune.{home}"), name)
    raise AttributeError(f"module 'moodtune' has no attribute {name!r}")
