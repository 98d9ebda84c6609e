"""Rows of a label table to the units that are counted: one per track and label."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import AUDIO_FEATURES, TRACK_ID
from moodtune.errors import TooLittleDataError
from moodtune.evaluation.labels import AXES, GROUP, LABEL, LabelTable
from moodtune.evaluation.matching import LabelMatch, label_key, nearest, shown
from moodtune.features.matrix import FeatureMatrix
from moodtune.moods.trained_labels import TrainedLabels
from moodtune.tables.text import literal, quoted

_CANONICAL, _KEY = "canonical_id", "label_key"


class RowCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rows: read is the sum of all from ``rejected`` to ``units``.

    ``rejected``, ``not_joined``  rows without features
    ``blank``        rows with features and no label
    ``not_matched``  rows whose label nothing was matched to; they are no negatives
    ``learnt_from``  rows of tracks whose labels the model was trained on
    ``repeated``     rows that say again what another says
    ``units``        pairs of track and label that are counted
    ``tracks``       different tracks of these, and ``tracks_in_catalog`` of them that the model's
                     catalog has too; their labels were not seen in training
    ``tracks_learnt_from``  different tracks left out because their labels were learnt from
    """

    read: int
    rejected: int
    not_joined: int
    blank: int
    not_matched: int
    learnt_from: int
    repeated: int
    units: int
    tracks: int
    tracks_in_catalog: int
    tracks_learnt_from: int
    groups: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What is counted: pairs of a track and what people said of it, sorted by track id, then that.

    ``label``     number of the label [shape=(n,)]; of an axis all 0
    ``value``     people's value on an axis [shape=(n,)]; of labels all NaN
    ``groups``    [shape=(n,)]; of a pair in several groups the first by name; None without groups
    ``columns``   the tracks' numbers, a row per unit; ``features`` are the audio features of them
    ``not_matched``  label -> rows, of labels that nothing was matched to
    """

    track_ids: NDArray[np.str_]
    label: NDArray[np.intp]
    value: NDArray[np.float64]
    groups: NDArray[np.str_] | None
    columns: pl.DataFrame
    counts: RowCounts
    not_matched: dict[str, int]

    def __len__(self) -> int:
        return len(self.track_ids)

    @property
    def features(self) -> FeatureMatrix:
        """The audio features, a row per unit."""
        names = tuple(name for name in AUDIO_FEATURES if name in self.columns.columns)
        values = self.columns.select(names).to_numpy().astype(np.float32)
        return FeatureMatrix(names=names, values=np.ascontiguousarray(values))


def label_units(
    table: LabelTable, match: Sequence[LabelMatch], trained: TrainedLabels | None = None
) -> Units:
    """Return a unit per track and matched label.

    TooLittleDataError where a matched label has no track left, or there is one label alone:
    nothing could be told apart.
    """
    keys = {label_key(m.label): number for number, m in enumerate(match)}
    spelled = table.rows[LABEL].drop_nulls().unique().sort().to_list()
    numbers = {name: keys.get(label_key(name), -1) for name in spelled}
    number = pl.col(LABEL).replace_strict(numbers, default=None, return_dtype=pl.Int64)
    rows = table.rows.with_columns(number.alias(_KEY))
    said = rows.drop_nulls(_KEY)
    others = said.filter(pl.col(_KEY) < 0).group_by(LABEL).len().sort(LABEL)
    units = _units(table, rows, said.filter(pl.col(_KEY) >= 0), trained, dict(others.iter_rows()))
    _check_classes(table, match, units, spelled)
    return units


def axis_units(table: LabelTable, axis: str, trained: TrainedLabels | None = None) -> Units:
    """Return a unit per track and human value on ``axis``.

    TooLittleDataError where fewer than three are left, or all values are the same.
    """
    rows = table.rows.with_columns(pl.col(AXES[axis]).alias(_KEY))
    units = _units(table, rows, rows.drop_nulls(_KEY), trained, {})
    if len(np.unique(units.value)) < 2 or len(units) < 3:  # noqa: PLR2004 - below there is no order
        raise TooLittleDataError(
            f"{literal(table.name)}: people's {axis} has {len(units):,} values left, "
            f"{len(np.unique(units.value)):,} of them different: at least 3 values that are not "
            "all the same are needed for a correlation"
        )
    return units


def _units(
    table: LabelTable,
    rows: pl.DataFrame,
    said: pl.DataFrame,
    trained: TrainedLabels | None,
    not_matched: dict[str, int],
) -> Units:
    is_learnt = _is_learnt_from(said, trained)
    fresh, learnt = said.filter(~is_learnt), said.filter(is_learnt)
    names = [name for name in rows.columns if name not in (LABEL, *AXES.values())]
    # Rows of one track that differ: the first in sorted order stands for it, whatever their order.
    numbers = [n for n in names if n not in (TRACK_ID, GROUP, _KEY, _CANONICAL)]
    tracks = (
        fresh.select(TRACK_ID, *numbers).sort(TRACK_ID, *numbers).unique(TRACK_ID, keep="first")
    )
    order = [TRACK_ID, _KEY, *([GROUP] if GROUP in fresh.columns else [])]
    pairs = fresh.select(*order, _CANONICAL).sort(order, nulls_last=True)
    pairs = pairs.unique([TRACK_ID, _KEY], keep="first").sort(TRACK_ID, _KEY)
    columns = pairs.select(TRACK_ID).join(tracks, on=TRACK_ID, how="left", maintain_order="left")
    groups = None
    if GROUP in pairs.columns:  # a unit without a group is a group of its own
        own = pl.concat_str(pl.lit("\0"), TRACK_ID)
        groups = pairs.select(pl.coalesce(GROUP, own)).to_series().to_numpy().astype(str)
    keys = pairs[_KEY].to_numpy()
    is_value = keys.dtype.kind == "f"
    return Units(
        track_ids=pairs[TRACK_ID].to_numpy().astype(str),
        label=np.zeros(len(keys), np.intp) if is_value else keys.astype(np.intp),
        value=keys.astype(np.float64) if is_value else np.full(len(keys), np.nan),
        groups=groups,
        columns=columns.drop(TRACK_ID),
        not_matched=not_matched,
        counts=RowCounts(
            read=table.n_rows,
            rejected=sum(table.rejected.values()),
            not_joined=table.n_not_joined,
            blank=rows[_KEY].null_count(),
            not_matched=sum(not_matched.values()),
            learnt_from=learnt.height,
            repeated=fresh.height - pairs.height,
            units=pairs.height,
            tracks=pairs[TRACK_ID].n_unique(),
            tracks_in_catalog=pairs.drop_nulls(_CANONICAL)[TRACK_ID].n_unique(),
            tracks_learnt_from=learnt[TRACK_ID].n_unique(),
            groups=None if groups is None else len(np.unique(groups)),
        ),
    )


def _is_learnt_from(said: pl.DataFrame, trained: TrainedLabels | None) -> pl.Series:
    """Return whether the label of a row's track, by either of its ids, was learnt from."""
    if trained is None or not len(trained):
        return pl.Series(np.zeros(said.height, dtype=bool))
    canonical = said.select(pl.coalesce(_CANONICAL, TRACK_ID)).to_series()
    return pl.Series(trained.contains(said[TRACK_ID]) | trained.contains(canonical))


def _check_classes(
    table: LabelTable, match: Sequence[LabelMatch], units: Units, spelled: Sequence[str]
) -> None:
    where = literal(table.name)
    present = {label_key(name) for name in spelled}
    for number, one in enumerate(match):
        if label_key(one.label) not in present:
            raise TooLittleDataError(
                f"{where} has no track with the label {quoted(one.label)} that --match names; "
                f"{nearest(one.label, spelled) if spelled else 'its labels are all blank'}"
            )
        if not (units.label == number).any():
            raise TooLittleDataError(
                f"{where}: no track with the label {quoted(one.label)} is left to test on, "
                f"{units.counts.tracks_learnt_from:,} tracks were left out because the model was "
                "trained on their labels; leave the label out of --match, or bring other tracks"
            )
    if len(match) < 2:  # noqa: PLR2004 - two labels are the least that can be told apart
        raise TooLittleDataError(
            f"{where}: {quoted(match[0].label)} is the only label, and one alone cannot be told "
            f"from anything: match moods to at least two labels of {shown(spelled)}"
        )
