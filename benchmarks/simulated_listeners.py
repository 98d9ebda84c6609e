"""Simulated listeners, whose taste is what real people named as their favorites.

A listener asks for a mood, gets a list through ``recommend``, and reacts to it, a round a day. They
like what is among their favorites, whatever mood it is listed for, and skip of the rest what
``Protocol.skipped`` says. What they ask for is drawn before the first list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import TRACK_ID
from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.seeding import derive

FIRST_DAY = date(2026, 1, 1)

#: By which rule moods are asked for: see ``moods_asked``.
Rule = Literal["favorites", "turn", "one"]
RULES: tuple[Rule, ...] = get_args(Rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """``rounds`` of lists of ``places``; ``skipped`` is the chance that no favorite is skipped."""

    rounds: int = 50
    places: int = 10
    rule: Rule = "favorites"
    skipped: float = 1.0
    seed: int = 0

    def day(self, number: int) -> str:
        return (FIRST_DAY + timedelta(days=number)).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A number to draw by, the rows of the catalog that they like, and the moods they ask for."""

    number: int
    favorites: NDArray[np.int32]
    moods: NDArray[np.intp]

    @classmethod
    def of(
        cls, index: TrackIndex, favorites: NDArray[np.int32], number: int, protocol: Protocol
    ) -> "Listener":
        return cls(
            number=number,
            favorites=favorites,
            moods=moods_asked(index, favorites, number, protocol),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What one listener was given: a row of the catalog per round and place, -1 for no track.

    ``rows``  [shape=(rounds, places)]
    ``fits``  the mean probability of the asked mood among the tracks of a list, 0 of an empty one
              [shape=(rounds,)]
    """

    rows: NDArray[np.int32]
    fits: NDArray[np.float64]

    @classmethod
    def of(
        cls, index: TrackIndex, lists: Sequence[Sequence[int]], listener: Listener, places: int
    ) -> "Played":
        rows = np.full((len(lists), places), -1, dtype=np.int32)
        fits = np.zeros(len(lists))
        for number, (listed, mood) in enumerate(zip(lists, listener.moods, strict=True)):
            rows[number, : len(listed)] = listed
            if listed:
                fits[number] = index.scores.probabilities[listed, mood].mean()
        return cls(rows=rows, fits=fits)

    def found(self, favorites: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return which places have a favorite [shape=(rounds, places)]."""
        return np.isin(self.rows, favorites) & (self.rows >= 0)

    def new(self, favorites: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return which places have a favorite that no list before had [shape=(rounds, places)]."""
        first = np.zeros(self.rows.size, dtype=np.bool_)
        first[np.unique(self.rows, return_index=True)[1]] = True
        return self.found(favorites) & first.reshape(self.rows.shape)


def moods_asked(
    index: TrackIndex, favorites: NDArray[np.integer], number: int, protocol: Protocol
) -> NDArray[np.intp]:
    """Return which mood is asked for in each round, as its place in the taxonomy.

    ``favorites``  drawn, each as often as it leads among the favorites (of the offered moods)
    ``one``        the one that leads most of them, in every round
    ``turn``       all offered moods in turn, in an order that is drawn

    Whoever has no favorite that an offered mood leads has all of them in turn.
    """
    offered = np.array([mood.offered for mood in index.taxonomy.moods])
    leading = index.leading[favorites].astype(np.intp)
    leading = leading[offered[leading]]
    random = derive(protocol.seed, "moods asked", number)
    if protocol.rule == "turn" or not len(leading):
        return np.resize(random.permutation(np.flatnonzero(offered)), protocol.rounds)
    if protocol.rule == "one":
        return np.full(protocol.rounds, np.bincount(leading).argmax())
    return random.choice(leading, protocol.rounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """What the system is told of one listener, day by day."""

    protocol: Protocol
    number: int
    feedback: list[FeedbackEvent] = field(default_factory=list)
    shown: list[ShownEvent] = field(default_factory=list)

    def query(self, mood: str, day: int) -> Query:
        return Query(
            mood=mood,
            n=self.protocol.places,
            feedback=tuple(self.feedback),
            shown=tuple(self.shown),
            today=self.protocol.day(day),
        )

    def note_shown(self, ids: Sequence[str], day: int) -> None:
        self.shown.extend(ShownEvent(track_id=each, at=self._at(day)) for each in ids)

    def note_reactions(
        self, mood: str, ids: Sequence[str], liked: Sequence[bool], day: int
    ) -> None:
        """Note the likes of a list, and of the rest the skips that are drawn."""
        chances = derive(self.protocol.seed, "skips", self.number, day).random(len(ids))
        for track_id, is_liked, chance in zip(ids, liked, chances, strict=True):
            if is_liked or chance < self.protocol.skipped:
                event = FeedbackEvent(
                    key=f"{day} {track_id}",
                    track_id=track_id,
                    mood=mood,
                    action="like" if is_liked else "skip",
                    at=self._at(day),
                )
                self.feedback.append(event)

    def _at(self, day: int) -> str:
        return f"{self.protocol.day(day)}T18:00:00Z"


def play(
    index: TrackIndex,
    listener: Listener,
    protocol: Protocol,
    *,
    heard: NDArray[np.integer] | None,
) -> Played:
    """Return the lists of a listener, told the reactions of somebody who likes the rows ``heard``.

    That is their own favorites, or for comparison another's; with None no reaction is told. What
    was shown on earlier days is told in any case.
    """
    row_of = {track_id: row for row, track_id in enumerate(index.tracks[TRACK_ID])}
    diary = Diary(protocol=protocol, number=listener.number)
    lists = []
    for day, code in enumerate(listener.moods.tolist()):
        mood = index.taxonomy.names[code]
        ids = [place.track_id for place in recommend(index, diary.query(mood, day)).recommendations]
        lists.append([row_of[track_id] for track_id in ids])
        diary.note_shown(ids, day)
        if heard is not None:
            diary.note_reactions(mood, ids, np.isin(lists[-1], heard).tolist(), day)
    return Played.of(index, lists, listener, protocol.places)


def at_random(index: TrackIndex, listener: Listener, protocol: Protocol) -> Played:
    """Return lists drawn from the tracks that the asked mood leads, none twice while there are."""
    random = derive(protocol.seed, "at random", listener.number)
    piles: dict[int, list[int]] = {}
    lists = []
    for mood in listener.moods.tolist():
        pile = piles.setdefault(mood, [])
        if len(pile) < protocol.places:
            pile[:] = random.permutation(np.flatnonzero(index.leading == mood)).tolist()
        lists.append([pile.pop() for _ in range(min(protocol.places, len(pile)))])
    return Played.of(index, lists, listener, protocol.places)


def at_best(index: TrackIndex, listener: Listener, protocol: Protocol) -> Played:
    """Return lists of nothing but favorites that the asked mood leads, those not listed yet first.

    They can be shorter than asked.
    """
    leading = index.leading[listener.favorites]
    lists: list[list[int]] = []
    for mood in listener.moods.tolist():
        listed = {row for each in lists for row in each}
        of_mood = listener.favorites[leading == mood].tolist()
        lists.append(sorted(of_mood, key=lambda row: row in listed)[: protocol.places])
    return Played.of(index, lists, listener, protocol.places)
