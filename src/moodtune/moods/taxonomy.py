"""The moods: their names, their places on the plane, what marks them, and who asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """All moods, in the order that breaks ties."""

    moods: tuple[Mood, ...]
    listener_moods: tuple[ListenerMood, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all song moods."""
        return tuple(mood.name for mood in self.moods)

    @property
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
