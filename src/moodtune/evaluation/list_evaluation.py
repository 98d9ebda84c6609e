"""Lists held against what they were to hold, and against each other: per list, and the mean.

Definitions, each with its formula and a worked example: ``list_metrics`` for what needs to know
what was relevant, ``list_qualities`` for the rest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from moodtune.catalog.schema import POPULARITY
from moodtune.errors import TooLittleDataError, UsageError
from moodtune.evaluation import list_qualities as qualities
from moodtune.evaluation.intervals import Figure, figure
from moodtune.evaluation.list_metrics import hit_rate, hits, ndcg, recall
from moodtune.evaluation.list_tables import RankedLists, Relevant
from moodtune.evaluation.resampling import Resampling, by_group
from moodtune.moods.taxonomy import Taxonomy
from moodtune.preferences.histories import Histories
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.variety import list_similarity
from moodtune.tables.text import quoted

#: Samples for figures of all lists together, which are worked out anew for each.
_DRAWS_TOGETHER = 200

#: The figures of a list, in the order of reports; each a number or NaN.
PER_LIST = (
    "ndcg",
    "recall",
    "hit_rate",
    "coverage",
    "artist_gini",
    "similarity",
    "novelty",
    "mood_distance",
    "repeat_rate",
)


class MeanFigure(msgspec.Struct, frozen=True, kw_only=True):
    """The mean of a figure over the lists that have one, and how many these are."""

    figure: Figure
    lists: int


class ListEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of lists.

    ``at``           places of a list at most: k of the definitions
    ``means``        by name of ``PER_LIST``; a figure that no list has is missing
    ``together``     coverage and artist_gini of all lists as one
    ``novelty_from`` histories or popularity; None where neither is known
    ``interval_by``  what was drawn for intervals: listener or list
    ``counts``       lists, places, relevant tracks, and those that fit nowhere
    """

    lists: int
    at: int
    catalog_tracks: int
    synthetic: bool
    seed: int
    interval_by: str
    draws: int
    novelty_from: str | None
    means: dict[str, MeanFigure]
    together: dict[str, Figure]
    counts: dict[str, int]
    notes: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """Return all of it as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedLists:
    """The evaluation, and the figures of each list [shape=(n_lists,)] by name; NaN for none."""

    evaluation: ListEvaluation
    names: tuple[str, ...]
    per_list: Mapping[str, NDArray[np.float64]]


def evaluate_lists(
    index: TrackIndex,
    lists: RankedLists,
    relevant: Relevant,
    *,
    histories: Histories | None = None,
    synthetic: bool = False,
    seed: int = 7,
) -> EvaluatedLists:
    """Return every figure of ``lists``, each with its mean and a 95 % bootstrap interval.

    ``histories``  whose tracks say how new a listed one is; without them popularity does

    Raises TooLittleDataError without a list, UsageError for a mood that the model has not.
    """
    if not len(lists):
        raise TooLittleDataError("there is no list to evaluate")
    novelty_from, information = _information(index, histories)
    found = _accuracy(lists, relevant) | _of_each(index, lists, information)
    found["mood_distance"] = _mood_distances(index, lists)
    found["repeat_rate"] = _repeats(lists)
    per_list = {name: found[name] for name in PER_LIST}
    draws = _resampling(lists, seed)
    return EvaluatedLists(
        names=lists.names,
        per_list=per_list,
        evaluation=ListEvaluation(
            lists=len(lists),
            at=lists.rows.shape[1],
            catalog_tracks=len(index),
            synthetic=synthetic,
            seed=seed,
            interval_by=draws.by,
            draws=draws.draws,
            novelty_from=novelty_from,
            means=_means(per_list, draws),
            together=_together(index, lists, draws),
            counts={**lists.counts, **relevant.counts},
            notes=tuple(_notes(lists, relevant, draws)),
        ),
    )


def _accuracy(lists: RankedLists, relevant: Relevant) -> dict[str, NDArray[np.float64]]:
    found = hits(lists.rows, relevant.rows)
    n_wanted = np.array([len(rows) for rows in relevant.rows], dtype=np.int64)
    return {
        "ndcg": ndcg(found, n_wanted),
        "recall": recall(found, n_wanted),
        "hit_rate": hit_rate(found, n_wanted),
    }


def _information(
    index: TrackIndex, histories: Histories | None
) -> tuple[str | None, NDArray[np.float64]]:
    """Return where the novelty of tracks comes from, and it in bits; NaN where unknown."""
    if histories is not None:
        n_users = np.bincount(histories.rows, minlength=len(index))
        return "histories", qualities.information_of_histories(n_users, len(histories))
    if index.columns.has(POPULARITY):
        popularity = index.columns.numbers(POPULARITY)
        return POPULARITY, qualities.information_of_popularity(popularity)
    return None, np.full(len(index), np.nan)


def _of_each(
    index: TrackIndex, lists: RankedLists, information: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    found: dict[str, list[float]] = {
        name: [] for name in ("coverage", "artist_gini", "similarity", "novelty")
    }
    for number in range(len(lists)):
        rows = lists.known(number)
        counts = qualities.artist_counts(rows, index.columns.artists)
        similarity = list_similarity(index, rows.tolist())
        found["coverage"].append(qualities.coverage(rows, len(index)))
        found["artist_gini"].append(qualities.gini(counts[counts > 0]))
        found["similarity"].append(float("nan") if similarity is None else similarity)
        found["novelty"].append(qualities.known_mean(information[rows]))
    return {name: np.array(values) for name, values in found.items()}


def _mood_distances(index: TrackIndex, lists: RankedLists) -> NDArray[np.float64]:
    distances = np.full(len(lists), np.nan)
    if lists.moods is None:
        return distances
    mixes = {name: _mix(index.taxonomy, name) for names in lists.moods for name in names}
    leading, n_moods = index.leading, len(index.taxonomy.moods)
    for number, names in enumerate(lists.moods):
        rows = lists.known(number)
        if names and len(rows):
            asked = np.mean([mixes[name] for name in names], axis=0)
            given = np.bincount(leading[rows], minlength=n_moods) / len(rows)
            distances[number] = qualities.mood_distance(asked, given)
    return distances


def _mix(taxonomy: Taxonomy, name: str) -> NDArray[np.float64]:
    if name in taxonomy.names:
        return np.array([float(mood == name) for mood in taxonomy.names])
    asked = taxonomy.listener_mood(name)
    if asked is None:
        raise UsageError(
            f"the lists were asked for the mood {quoted(name)}, which the model has not; its "
            f"moods are {', '.join(taxonomy.names)}"
        )
    return taxonomy.song_mix({asked.name: 1.0})


def _repeats(lists: RankedLists) -> NDArray[np.float64]:
    rates = np.full(len(lists), np.nan)
    if lists.listeners is None:
        return rates
    owners: dict[str, list[int]] = {}
    for number, listener in enumerate(lists.listeners):
        owners.setdefault(listener, []).append(number)
    for mine in owners.values():
        rates[mine] = qualities.repeat_rates([lists.known(number) for number in mine])
    return rates


def _resampling(lists: RankedLists, seed: int) -> Resampling:
    """Draw listeners, each with all their lists; else lists."""
    drawn = None
    if lists.listeners is not None:
        drawn = by_group(np.array(lists.listeners), None, seed, by="listener")
    if drawn is None and len(lists) > 1:
        drawn = by_group(np.array(lists.names), None, seed, by="list")
    one = np.zeros(1, np.intp)
    return drawn or Resampling(cluster=one, stratum=one, by="list", seed=seed)


def _means(per_list: Mapping[str, NDArray[np.float64]], draws: Resampling) -> dict[str, MeanFigure]:
    values = np.column_stack(list(per_list.values()))
    known = ~np.isnan(values)
    filled = np.where(known, values, 0)
    parts = []
    for times in draws.blocks():
        with np.errstate(invalid="ignore"):
            parts.append((times @ filled) / (times @ known))
    drawn = np.concatenate(parts)
    found = {}
    for column, name in enumerate(per_list):
        if known[:, column].any():
            sampled = drawn[:, column]
            mean = float(filled[:, column].sum() / known[:, column].sum())
            found[name] = MeanFigure(
                figure=figure(mean, sampled[~np.isnan(sampled)]), lists=int(known[:, column].sum())
            )
    return found


def _together(index: TrackIndex, lists: RankedLists, draws: Resampling) -> dict[str, Figure]:
    """Return the figures of all lists as one; samples of lists repeat some, hence recentred."""
    at = np.nonzero(lists.rows >= 0)
    rows, numbers = lists.rows[at], at[0]
    artists = index.columns.artists
    singers = [artists.of_row(row) for row in rows.tolist()]
    codes = np.array([code for mine in singers for code in mine], dtype=np.intp)
    lists_of_codes = np.repeat(numbers, [len(mine) for mine in singers])
    n_artists = artists.n_names

    def found(times: NDArray[np.float64]) -> tuple[float, float]:
        counts = np.bincount(codes, weights=times[lists_of_codes], minlength=n_artists)
        covered = qualities.coverage(rows[times[numbers] > 0], len(index))
        return covered, qualities.gini(counts)

    values = found(np.ones(len(lists)))
    drawn = np.array([found(times) for times in _few(draws)])
    return {
        name: figure(value, sampled[~np.isnan(sampled)], recentre=True, least=0)
        for name, value, sampled in zip(("coverage", "artist_gini"), values, drawn.T, strict=True)
        if not np.isnan(value)
    }


def _few(draws: Resampling) -> Iterator[NDArray[np.float64]]:
    left = _DRAWS_TOGETHER
    for block in draws.blocks():
        yield from block[:left]
        left -= len(block)
        if left <= 0:
            return


def _notes(lists: RankedLists, relevant: Relevant, draws: Resampling) -> Iterator[str]:
    without = sum(not len(rows) for rows in relevant.rows)
    if without:
        yield (
            f"{without} of {len(lists)} lists have nothing relevant in the catalog, and so no "
            f"nDCG, recall and hit rate"
        )
    if lists.moods is None:
        yield "the lists have no column mood: no list has a mood distance"
    if lists.listeners is None:
        yield "the lists have no column listener: no list has a repeat rate"
    if len(draws.stratum) == 1:
        yield f"there is one {draws.by}: the intervals say nothing"
