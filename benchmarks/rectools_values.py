"""The values that tests/evaluation/test_list_qualities.py compares with, from RecTools 0.19.0.

Not a benchmark and no dependency of the project: RecTools pins an older numpy and brings pandas and
an implicit-factorisation library. In an environment of its own:

    pip install "rectools==0.19.0" && python benchmarks/rectools_values.py

RecTools writes nDCG with ``divide_by_achievable=True`` as we do; its intra-list diversity is the
mean distance over pairs, so its complement with a distance of one minus the similarity. Its
intersection with an earlier list, as a share of the later one, is the repeat rate of that.
"""

import pandas as pd
from rectools import Columns
from rectools.metrics import (
    NDCG,
    CatalogCoverage,
    HitRate,
    Intersection,
    IntraListDiversity,
    MeanInvUserFreq,
    Recall,
)
from rectools.metrics.distances import PairwiseHammingDistanceCalculator

LISTS = {1: [7, 8, 1], 2: [1, 2, 3], 3: [1, 2, 3, 4], 4: [4, 9, 2, 1]}
EARLIER = {1: [1, 2, 3], 2: [1, 2], 3: [5, 6, 7], 4: [9, 4]}
CATALOG = range(12)
RELEVANT = {1: [1, 2], 2: [1], 3: [1, 3, 4, 5, 6], 4: [5, 6]}
HISTORIES = {1: [1, 2, 3], 2: [1, 2], 3: [1, 4], 4: [1, 7], 5: [2]}
FEATURES = {1: (0, 0), 2: (0, 1), 3: (1, 1), 4: (0, 0), 7: (1, 0), 8: (1, 0), 9: (0, 1)}
K = 4


def table(lists: dict[int, list[int]]) -> pd.DataFrame:
    rows = [(u, i, rank) for u, items in lists.items() for rank, i in enumerate(items, start=1)]
    return pd.DataFrame(rows, columns=[Columns.User, Columns.Item, Columns.Rank])


def main() -> None:
    lists, earlier = table(LISTS), table(EARLIER)
    relevant = table(RELEVANT)[[Columns.User, Columns.Item]]
    histories = table(HISTORIES)[[Columns.User, Columns.Item]]
    features = pd.DataFrame.from_dict(FEATURES, orient="index", columns=["a", "b"])
    distance = PairwiseHammingDistanceCalculator(features)
    found = {
        "ndcg": NDCG(k=K, divide_by_achievable=True).calc_per_user(lists, relevant),
        "recall": Recall(k=K).calc_per_user(lists, relevant),
        "hit_rate": HitRate(k=K).calc_per_user(lists, relevant),
        "novelty": MeanInvUserFreq(k=K).calc_per_user(lists, histories),
        "mean distance": IntraListDiversity(k=K, distance_calculator=distance).calc_per_user(lists),
        "repeats": Intersection(k=K, ref_k=K).calc_per_user(lists, ref_reco=earlier),
    }
    for name, values in found.items():
        print(name, [float(values[user]) for user in LISTS])
    covered = CatalogCoverage(k=K, normalize=True)
    each = [covered.calc(lists[lists[Columns.User] == user], CATALOG) for user in LISTS]
    print("coverage", each, "together", covered.calc(lists, CATALOG))


if __name__ == "__main__":
    main()
