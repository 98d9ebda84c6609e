"""The sentence that says why a track has its place: made from the numbers given with it alone."""

from collections.abc import Iterator, Sequence

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.ranking.personal import FRESHNESS
from moodtune.ranking.query import Recommendation, Trait
from moodtune.ranking.stops import Stop

#: What stands between two clauses: where a sentence may be folded.
BETWEEN = "; "

#: Ranks from which a value is called high, and up to which it is called low.
HIGH, LOW = 2 / 3, 1 / 3

#: Decimals of parts, of shares and similarities, and of what has a unit.
_PART, _SHARE, _MEASURED = 3, 2, 0

#: A part below this would be said to be 0, and is not said.
_SAID = 0.5 / 10**_PART

#: What is said instead of "high tempo (172 BPM)".
_WORDS = {"tempo": ("fast", "slow"), "loudness": ("loud", "quiet")}


def sentence(told: Recommendation) -> str:
    """Return why a track has its place, from ``told`` without its ``why``.

    >>> sentence(Recommendation(
    ...     rank=1, track_id="a", title="", artist="", mood="calm", valence=0.6, arousal=0.2,
    ...     score=0.7, why="",
    ...     parts={"mood fit": 0.5, "taste": 0.2},
    ...     traits=(Trait(feature="energy", value=0.12, unit="0 to 1", rank=0.1, speaks=0.4),),
    ... ))
    'mood fit 0.500: low energy (0.12); taste +0.200'
    """
    return BETWEEN.join(filter(None, _clauses(told)))


def _clauses(told: Recommendation) -> list[str]:
    """Return what the score begins with and the reasons for it, its other parts, and the rest."""
    (name, value), *others = told.parts.items() or [("score", told.score)]
    about = _spoken_for(told.traits) if told.stop is None else _place(told.stop)
    clauses = [f"{name} {value:.{_PART}f}" + (f": {about}" if about else "")]
    clauses.append(_spoken_against(told.traits))
    shown = _shown(told)
    clauses.append(", ".join([_part(*part, shown) for part in others if abs(part[1]) >= _SAID]))
    if shown and abs(told.parts[FRESHNESS]) < _SAID:
        clauses.append(shown)
    if told.stop is not None:
        clauses += _changes(told.stop)
    elif told.beside is not None:
        near = told.beside
        clauses.append(f"most like #{near.rank} (similarity {near.similarity:.{_SHARE}f})")
    return clauses


def _part(name: str, value: float, shown: str) -> str:
    return f"{name} {value:+.{_PART}f}" + (f" ({shown})" if name == FRESHNESS else "")


def _spoken_for(traits: Sequence[Trait]) -> str:
    return " and ".join([describe(trait) for trait in traits if trait.speaks >= 0])


def _spoken_against(traits: Sequence[Trait]) -> str:
    against = " and ".join([describe(trait) for trait in traits if trait.speaks < 0])
    return f"against it {against}" if against else ""


def describe(trait: Trait) -> str:
    """Return a feature in words, by its rank: ``low energy (0.12)``, ``fast (172 BPM)``."""
    if trait.feature == "tempo" and not trait.value:
        return "no beat heard (0 BPM)"  # the feature's own blank: nothing is slow in it
    share = AUDIO_FEATURES[trait.feature].high == 1
    measured = f"{trait.value:.{_SHARE}f}" if share else _measured(trait.value, trait.unit)
    if LOW < trait.rank < HIGH:
        return f"middling {trait.feature} ({measured})"
    if trait.feature in _WORDS:
        fast, slow = _WORDS[trait.feature]
        return f"{fast if trait.rank >= HIGH else slow} ({measured})"
    return f"{'high' if trait.rank >= HIGH else 'low'} {trait.feature} ({measured})"


def _measured(value: float, unit: str) -> str:
    return f"{value:.{_MEASURED}f} {unit}"


def _shown(told: Recommendation) -> str:
    """Return how new a track is to the person; nothing where the query does not say."""
    if FRESHNESS not in told.parts:
        return ""
    if told.shown_days_ago is None:
        return "not shown before today"
    return f"shown {told.shown_days_ago} day{'' if told.shown_days_ago == 1 else 's'} ago"


def _place(stop: Stop) -> str:
    return (
        f"valence {stop.valence:.{_SHARE}f}, arousal {stop.arousal:.{_SHARE}f}, "
        f"{stop.from_waypoint:.{_SHARE}f} from its waypoint"
    )


def _changes(stop: Stop) -> Iterator[str]:
    if stop.step is not None:
        yield f"step {stop.step:.{_SHARE}f}"
    if stop.tempo_bpm is not None:
        yield _change("tempo", stop.tempo_bpm, "BPM")
    if stop.key is not None:
        before, here = (key or "?" for key in stop.key)
        yield f"key {before} to {here}"
    if stop.loudness_db is not None:
        yield _change("loudness", stop.loudness_db, "dB")


def _change(name: str, values: Sequence[float | None], unit: str) -> str:
    before, here = ("?" if value is None else f"{value:.{_MEASURED}f}" for value in values)
    return f"{name} {before} to {here} {unit}"
