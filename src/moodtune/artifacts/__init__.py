"""Save and load a ModelBundle: everything that a trained model is."""

from moodtune.artifacts.bundle import LISTENER_ID, PROBABILITY, SURE, ModelBundle
from moodtune.artifacts.files import check_replaceable
from moodtune.artifacts.loading import OpenedModel, load_bundle, open_index, open_model
from moodtune.artifacts.manifest import (
    FORMAT,
    FileEntry,
    Lessons,
    Manifest,
    NumberedLike,
    SourceTable,
)
from moodtune.artifacts.saving import save_bundle

__all__ = [
    "FORMAT",
    "LISTENER_ID",
    "PROBABILITY",
    "SURE",
    "FileEntry",
    "Lessons",
    "Manifest",
    "ModelBundle",
    "NumberedLike",
    "OpenedModel",
    "SourceTable",
    "check_replaceable",
    "load_bundle",
    "open_index",
    "open_model",
    "save_bundle",
]
