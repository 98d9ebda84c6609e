"""The moods: their names, their places on the plane, what marks them, and who asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.errors import BundleError, TaxonomyError
from moodtune.moods.taxonomy_file import (
    MAX_BYTES,
    TaxonomyEntries,
    entries_from_document,
    entries_from_toml,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A feature that marks a mood: ``rank`` is where the mood lies among all tracks, in [0, 1]."""

    feature: str
    rank: float
    weight: float  # > 0, how much this cue counts beside the mood's others


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """A mood that a track can carry."""

    name: str
    valence: float  # in [0, 1], Russell's circumplex: unpleasant to pleasant
    arousal: float  # in [0, 1]: still to excited
    cues: tuple[Cue, ...]
    offered: bool = True  # False for kinds of recording, listed only when asked for by name


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerMood:
    """A mood that a listener can be in: ``weights`` over song moods sum to 1."""

    name: str
    phrases: tuple[str, ...]  # what tables call it; its name is always one of them
    weights: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Taxonomy:
    """All moods, in the order that breaks ties."""

    moods: tuple[Mood, ...]
    listener_moods: tuple[ListenerMood, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all song moods."""
        return tuple(mood.name for mood in self.moods)

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """Names of the song moods that lists may offer."""
        return tuple(mood.name for mood in self.moods if mood.offered)

    def mood(self, name: str) -> Mood:
        """Return the song mood of that name; KeyError if there is none."""
        for mood in self.moods:
            if mood.name == name:
                return mood
        raise KeyError(name)

    def listener_mood(self, phrase: str) -> ListenerMood | None:
        """Return the listener mood that ``phrase`` asks for, or None.

        A phrase is a listener mood's name or one of its phrases, or a song mood's name, which
        stands for a listener mood that wants that song mood alone. Case and spaces at the ends
        do not matter.
        """
        wanted = phrase.strip().casefold()
        for listener_mood in self.listener_moods:
            if wanted in {p.casefold() for p in (listener_mood.name, *listener_mood.phrases)}:
                return listener_mood
        for mood in self.moods:
            if mood.name.casefold() == wanted:
                return ListenerMood(name=mood.name, phrases=(mood.name,), weights={mood.name: 1.0})
        return None

    def song_mix(self, listener_profile: Mapping[str, float]) -> NDArray[np.float64]:
        """Return the song moods that a listener wants [shape=(n_moods,)], summing to 1.

        The normalised sum of probability times weights over the listener moods of the profile.
        """
        mix = np.zeros(len(self.moods))
        for name, probability in listener_profile.items():
            listener_mood = self.listener_mood(name)
            if listener_mood is None:
                raise KeyError(name)
            for mood, weight in listener_mood.weights.items():
                mix[self.names.index(mood)] += probability * weight
        total = mix.sum()
        return mix / total if total > 0 else np.full(len(mix), 1 / len(mix))


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Return the taxonomy of a TOML file, or the package's own.

    Raises TaxonomyError with the file's name, the line, and what is wrong there.
    """
    if path is None:
        text = resources.files("moodtune.moods").joinpath("moods.toml").read_text(encoding="utf-8")
        return parse_taxonomy(text, name="moods.toml")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TaxonomyError(
            f"{path.name}: the taxonomy cannot be read: {error.strerror}; "
            "name a TOML file, or leave the option out to use the moods of the package"
        ) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TaxonomyError(
            f"{path.name} line {line}: not readable as TOML: the text is not UTF-8"
        ) from error
    return parse_taxonomy(text, name=path.name)


def parse_taxonomy(text: str, *, name: str) -> Taxonomy:
    """Return the taxonomy that a TOML text describes; ``name`` is what messages call the file.

    The form is described in ``moods.taxonomy_file``. A taxonomy without listener moods is sound: a
    listener table may then only speak of its song moods by name.
    """
    return _taxonomy(entries_from_toml(text, name=name))


def taxonomy_to_json(taxonomy: Taxonomy) -> str:
    """Return the canonical text of a taxonomy: the file's form as indented JSON."""
    document = {
        "mood": [
            {
                "name": mood.name,
                "valence": mood.valence,
                "arousal": mood.arousal,
                "offered": mood.offered,
                "cues": {c.feature: {"rank": c.rank, "weight": c.weight} for c in mood.cues},
            }
            for mood in taxonomy.moods
        ],
        "listener_mood": taxonomy.listener_moods,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def taxonomy_from_json(text: str) -> Taxonomy:
    """Return the taxonomy that ``taxonomy_to_json`` wrote; BundleError if it is damaged."""
    try:
        document = msgspec.json.decode(text, type=dict[str, object])
        return _taxonomy(entries_from_document(document, lambda _: "the model's taxonomy"))
    except (msgspec.DecodeError, RecursionError, TaxonomyError) as error:
        raise BundleError(
            f"the model's taxonomy is damaged ({error}); train the model again"
        ) from error


def _taxonomy(entries: TaxonomyEntries) -> Taxonomy:
    return Taxonomy(
        moods=tuple(
            Mood(
                name=entry.name,
                valence=entry.valence,
                arousal=entry.arousal,
                cues=tuple(
                    Cue(feature=feature, rank=cue.rank, weight=cue.weight)
                    for feature, cue in entry.cues.items()
                ),
                offered=entry.offered,
            )
            for entry in entries.mood
        ),
        listener_moods=tuple(
            ListenerMood(
                name=entry.name,
                phrases=tuple(dict.fromkeys((entry.name, *entry.phrases))),
                weights=dict(entry.weights),
            )
            for entry in entries.listener_mood
        ),
    )
