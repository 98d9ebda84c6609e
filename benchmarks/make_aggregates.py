"""Compute the aggregate figures that ``moodtune sample`` draws from, out of real tables.

    python benchmarks/make_aggregates.py --data DIR

reads ``DIR/catalog/spotify_tracks_114k.csv``, ``DIR/listening/favorites_catalog.csv`` (years
alone) and ``DIR/behavior/spotify_data.csv``, and writes ``src/moodtune/samples/aggregates.json``:
shares, quantiles, correlations and log-odds. No row, title or artist's name leaves the tables,
and an answer that fewer than five people gave counts only as "an answer of their own".
"""

import argparse
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
from scipy.special import logit
from scipy.stats import norm, rankdata
from sklearn.linear_model import LogisticRegression

from moodtune.samples import aggregates as ag

TARGET = Path(__file__).parent.parent / "src" / "moodtune" / "samples" / "aggregates.json"
ABOUT = (
    "Aggregate figures only, made by benchmarks/make_aggregates.py from a public table of "
    "tracks and a public survey; no row, title or name of either."
)
LEVELS = [0.005, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 0.995]
FEATURES = [
    ag.Feature(name="popularity", low=0, high=100, decimals=0),
    ag.Feature(name="duration_ms", low=5_000, high=7_200_000, decimals=0, log=True),
    ag.Feature(name="danceability", low=0, high=1, decimals=3),
    ag.Feature(name="energy", low=0, high=1, decimals=4),
    ag.Feature(name="loudness", low=-60, high=5, decimals=3),
    ag.Feature(name="speechiness", low=0, high=1, decimals=4, log=True),
    ag.Feature(name="acousticness", low=0, high=0.996, decimals=6, log=True),
    ag.Feature(name="instrumentalness", low=0, high=1, decimals=6, log=True),
    ag.Feature(name="liveness", low=0, high=1, decimals=4, log=True),
    ag.Feature(name="valence", low=0, high=1, decimals=5),
    ag.Feature(name="tempo", low=0, high=250, decimals=3),
]
#: Towards independence, so that a matrix rounded to two decimals stays positive definite.
SHRINKAGE = 0.02
MAX_ARTISTS = 4

MOODS = [
    "Relaxation and stress relief",
    "Uplifting and motivational",
    "Sadness or melancholy",
    "Social gatherings or parties",
]
MOOD_COLUMN = "music_Influencial_mood"
#: Questions that were left blank mostly because of what was answered before.
ASKED_BECAUSE_OF = {
    "preffered_premium_plan": "premium_sub_willingness",
    "fav_pod_genre": "pod_lis_frequency",
    "preffered_pod_format": "pod_lis_frequency",
    "pod_host_preference": "pod_lis_frequency",
    "preffered_pod_duration": "pod_lis_frequency",
}
#: Ridge penalty on the ties to moods: keeps chance agreements of 520 people out of the figures.
TIES_C = 0.35
#: A real person's answers go together. Drawn one by one they would tell more of the moods than
#: real ones do (mean AUC .81 against .74), so their ties are loosened.
TIES_KEPT = 0.65


def significant(value: float, digits: int = 3) -> float:
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() else short


def genre_figures(name: str, rows: pl.DataFrame) -> ag.Genre:
    columns = [rows[f.name].to_numpy().astype(float) for f in FEATURES]
    scores = np.stack([norm.ppf((rankdata(c) - 0.5) / len(c)) for c in columns])
    varying = scores.std(axis=1) > 0
    matrix = np.eye(len(columns))
    matrix[np.ix_(varying, varying)] = np.corrcoef(scores[varying])
    matrix *= 1 - SHRINKAGE
    below = matrix[np.tril_indices(len(columns), -1)]
    return ag.Genre(
        name=name,
        explicit=significant(rows["explicit"].mean()),
        major=significant(rows["mode"].mean()),
        zeros=[significant((c == 0).mean()) for c in columns],
        quantiles=[quantiles(c[c != 0]) for c in columns],
        correlations=[round(float(r), 2) for r in below],
    )


def quantiles(values: np.ndarray) -> list[float]:
    return [significant(q) for q in np.quantile(values, LEVELS)]


def shares(values: pl.Series) -> dict[str, float]:
    counts = values.value_counts().sort(values.name)
    return {str(v): round(n / len(values), 4) for v, n in counts.iter_rows()}


def track_figures(data: Path) -> ag.Tracks:
    tracks = pl.read_csv(data / "catalog" / "spotify_tracks_114k.csv")
    tracks = tracks.filter(pl.col("duration_ms") > 0)
    dates = pl.read_csv(data / "listening" / "favorites_catalog.csv")["track_album_release_date"]
    years = dates.cast(pl.String).str.slice(0, 4).cast(pl.Int32).to_numpy()
    artists = (tracks["artists"].str.count_matches(";") + 1).clip(1, MAX_ARTISTS)
    genres = tracks.partition_by("track_genre", as_dict=True, maintain_order=True)
    return ag.Tracks(
        levels=LEVELS,
        features=FEATURES,
        genres=[genre_figures(str(name), rows) for (name,), rows in sorted(genres.items())],
        years=[round(float(q)) for q in np.quantile(years, LEVELS)],
        keys=list(shares(tracks["key"]).values()),
        time_signatures=shares(tracks["time_signature"]),
        artists_per_track=list(shares(artists).values()),
    )


def cells(column: pl.Series) -> list[list[str]]:
    """Return the answers in each cell, in the order they stand there."""
    return [[p.strip() for p in (c or "").split(",") if p.strip()] for c in column]


def options_in_order(answers: list[list[str]]) -> list[str]:
    """Return the answers that enough people gave, in the order in which cells list them."""
    counts = Counter(a for cell in answers for a in dict.fromkeys(cell))
    places: dict[str, list[float]] = {}
    for cell in answers:
        for place, answer in enumerate(cell):
            places.setdefault(answer, []).append(place / max(1, len(cell) - 1))
    kept = [a for a, n in counts.items() if n >= ag.MIN_PEOPLE]
    return sorted(kept, key=lambda a: (np.mean(places[a]), a))


def rounded(values: np.ndarray) -> list[float]:
    return [round(float(v), 2) for v in values]


def ties_of_several(
    answers: list[list[str]], options: list[str], ticked: np.ndarray
) -> tuple[list[float], list[list[float]]]:
    models = [
        LogisticRegression(C=TIES_C).fit(ticked, [option in cell for cell in answers])
        for option in options
    ]
    ties = TIES_KEPT * np.array([model.coef_[0] for model in models])
    base = np.array([model.intercept_[0] for model in models])
    shares = np.array([np.mean([option in cell for cell in answers]) for option in options])
    return rounded(base_for_shares(base, ties, ticked, shares)), [rounded(row) for row in ties]


def base_for_shares(
    base: np.ndarray, ties: np.ndarray, ticked: np.ndarray, shares: np.ndarray
) -> np.ndarray:
    """Shift log-odds until each option is ticked as often as it was, where nobody ticks nothing."""
    rng = np.random.default_rng(0)
    people = ticked[rng.integers(len(ticked), size=50_000)]
    noise = people @ ties.T + rng.logistic(size=(len(people), len(base)))
    for _ in range(30):
        pull = base + noise
        ticks = (pull > 0) | (pull == pull.max(axis=1, keepdims=True))
        base = base + 0.5 * (logit(shares) - logit(ticks.mean(axis=0)))
    return base


def ties_of_one(
    answers: list[list[str]], options: list[str], ticked: np.ndarray
) -> tuple[list[float], list[list[float]]]:
    known = [i for i, cell in enumerate(answers) if cell and cell[0] in options]
    named = [options.index(answers[i][0]) for i in known]
    model = LogisticRegression(C=TIES_C, max_iter=1000).fit(ticked[known], named)
    base, ties = model.intercept_, model.coef_
    if len(options) == 2:  # scikit-learn gives one row of coefficients, for the second option
        base, ties = np.array([0.0, *base]), np.vstack([np.zeros_like(ties), ties])
    # Weaker ties to moods, and the same log-odds for the person with average moods.
    base = base + (1 - TIES_KEPT) * ties @ ticked.mean(axis=0)
    return rounded(base), [rounded(row) for row in TIES_KEPT * ties]


def blanks(table: pl.DataFrame, name: str) -> ag.Blanks | None:
    if table[name].null_count() == 0:
        return None
    question = ASKED_BECAUSE_OF[name]
    blank = table.group_by(question).agg(pl.col(name).is_null().sum()).sort(question)
    sizes = dict(table[question].value_counts().iter_rows())
    # Fewer than five people who left it blank are as good as none.
    return ag.Blanks(
        question=question,
        shares={
            answer: round(n / sizes[answer], 3) if n >= ag.MIN_PEOPLE else 0.0
            for answer, n in blank.iter_rows()
        },
    )


def question_figures(table: pl.DataFrame, name: str, ticked: np.ndarray) -> ag.Question:
    column = table[name].cast(pl.String)
    several = int(column.str.contains(",").sum()) >= 10
    answers = cells(column) if several else [[c.strip()] if c else [] for c in column]
    options = options_in_order(answers) if several else sorted(options_in_order(answers))
    rare = {a for cell in answers for a in cell if a not in options}
    people = sum(any(a in rare for a in cell) for cell in answers)
    base, ties = (ties_of_several if several else ties_of_one)(answers, options, ticked)
    return ag.Question(
        name=name,
        options=options,
        base=base,
        ties=ties,
        several=several,
        numbers=table[name].dtype.is_numeric(),
        # Two rare options may be ticks in a box (an age band); more are what people wrote.
        free_text=round(people / len(answers), 3) if len(rare) > 2 else 0.0,
        blanks=blanks(table, name),
    )


def mood_sets(ticked: np.ndarray) -> list[ag.MoodSet]:
    counts = Counter(tuple(np.flatnonzero(row).tolist()) for row in ticked)
    kept = {moods: n for moods, n in sorted(counts.items()) if n >= ag.MIN_PEOPLE}
    total = sum(kept.values())
    return [ag.MoodSet(ticked=list(m), share=round(n / total, 4)) for m, n in kept.items()]


def listener_figures(data: Path) -> ag.Listeners:
    table = pl.read_csv(data / "behavior" / "spotify_data.csv").unique(maintain_order=True)
    named = cells(table[MOOD_COLUMN])
    ticked = np.array([[mood in cell for mood in MOODS] for cell in named], dtype=float)
    names = [c for c in table.columns if c != MOOD_COLUMN]
    return ag.Listeners(
        mood_column=MOOD_COLUMN,
        mood_position=table.columns.index(MOOD_COLUMN),
        moods=MOODS,
        mood_sets=mood_sets(ticked),
        questions=[question_figures(table, name, ticked) for name in names],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real tables")
    parser.add_argument("--out", type=Path, default=TARGET)
    options = parser.parse_args()
    figures = ag.Aggregates(
        about=ABOUT, tracks=track_figures(options.data), listeners=listener_figures(options.data)
    )
    text = msgspec.json.encode(figures).replace(b'{"name":', b'\n{"name":') + b"\n"
    options.out.write_bytes(text)
    print(f"{options.out}: {len(text):,} bytes")


if __name__ == "__main__":
    main()
