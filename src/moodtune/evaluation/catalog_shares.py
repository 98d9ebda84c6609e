"""How much of the catalog each mood leads: by the model, by the recipe, by two columns."""

from collections.abc import Iterator

import numpy as np

from moodtune.artifacts.bundle import ModelBundle
from moodtune.evaluation.agreement_results import CatalogShare
from moodtune.evaluation.fidelity import wilson
from moodtune.evaluation.intervals import Figure
from moodtune.evaluation.references import (
    ORIGINAL,
    TWO_COLUMNS,
    OriginalRecipe,
    TwoColumns,
    two_columns,
)

_CONFIDENCE = 0.95


def catalog_shares(
    bundle: ModelBundle, two: TwoColumns, recipe: OriginalRecipe
) -> Iterator[CatalogShare]:
    """Say how much of the catalog each mood leads; the intervals are Wilson's, over tracks."""
    n = bundle.tracks.height
    leading = np.bincount(bundle.scores.leading, minlength=len(bundle.taxonomy.names))
    by_place = two.by_mood(two_columns(bundle.tracks))
    nearest = np.stack(list(by_place.values())).argmax(axis=0)
    near = dict(zip(by_place, np.bincount(nearest, minlength=len(by_place)), strict=True))
    others = [mood for mood in recipe.shares if mood not in bundle.taxonomy.names]
    counts = dict(zip(bundle.taxonomy.names, leading, strict=True))
    for mood in (*bundle.taxonomy.names, *others):
        yield CatalogShare(
            mood=mood,
            model=_share(int(counts.get(mood, 0)), n),
            references={
                ORIGINAL: _share(round(n * recipe.shares.get(mood, 0.0)), n),
                TWO_COLUMNS: _share(int(near.get(mood, 0)), n),
            },
        )


def _share(count: int, n: int) -> Figure:
    low, high = wilson(count, n, _CONFIDENCE)
    return Figure(value=count / n, low=low, high=high)
