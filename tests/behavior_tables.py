"""Behavior tables of many shapes, with taxonomies of their own; what can be learnt is built in."""

import datetime as dt

import numpy as np
import polars as pl

#: Three moods that listeners speak of in their own words.
THREE = """
[[mood]]
name = "still"
valence = 0.5
arousal = 0.1
cues.energy = { rank = 0.15 }
[[mood]]
name = "wild"
valence = 0.5
arousal = 0.9
cues.energy = { rank = 0.85 }
[[mood]]
name = "glad"
valence = 0.9
arousal = 0.5
cues.valence = { rank = 0.85 }
[[listener_mood]]
name = "Wind down, slowly"
phrases = ["to rest"]
weights = { still = 0.8, glad = 0.2 }
[[listener_mood]]
name = "Let off steam"
weights = { wild = 1.0 }
[[listener_mood]]
name = "Cheer up"
weights = { glad = 1.0 }
"""

_EIGHT = {
    "serene": (0.8, 0.1), "tender": (0.9, 0.3), "sunny": (0.95, 0.6), "ecstatic": (0.8, 0.9),
    "driven": (0.5, 0.95), "furious": (0.15, 0.9), "gloomy": (0.1, 0.3), "weary": (0.3, 0.1),
}  # fmt: skip
#: Eight moods of songs that listeners name themselves; there are no moods of listeners.
EIGHT = "\n".join(
    f'[[mood]]\nname = "{name}"\nvalence = {valence}\narousal = {arousal}\n'
    f"cues.energy = {{ rank = {arousal} }}\n"
    for name, (valence, arousal) in _EIGHT.items()
)


def ticked(moods, pulls, random):
    """Return cells that tick each mood by a coin with its log-odds [shape=(n, n_moods)]."""
    ticks = random.random(pulls.shape) < 1 / (1 + np.exp(-pulls))
    ticks[np.arange(len(ticks)), pulls.argmax(axis=1)] |= ~ticks.any(axis=1)
    return [", ".join(m for m, on in zip(moods, row, strict=True) if on) for row in ticks]


def three_moods(n=400, seed=0):
    """Return a table of ids, dates, numbers, ratings, ticks and free text, and three moods.

    The date tells of the first mood, the number of the second, the ticks of the third.
    """
    random = np.random.default_rng(seed)
    days = random.integers(0, 700, n)
    minutes = random.lognormal(3, 1, n)
    gym = random.random(n) < 0.5
    pulls = np.stack(
        [(days - 350) / 100, -2.5 * (np.log(minutes) - 3), np.where(gym, 2.0, -2.0)], axis=1
    )
    moods = ("to rest", "Let off steam", "Cheer up")
    first = dt.date(2023, 1, 1)
    return pl.DataFrame(
        {
            "respondent_id": [f"r{i:05}" for i in random.permutation(n)],
            "signed up": [(first + dt.timedelta(days=int(d))).strftime("%d/%m/%Y") for d in days],
            "minutes per day": [f"{m:.1f}" for m in minutes],
            "stars": random.integers(1, 6, n).astype(str),
            "where": np.where(gym, "Gym, ", "Bath; ")
            + random.choice(["Car", "Home", "Car, Home,"], n),
            "in your own words": [f"it depends, on day {i} mostly" for i in range(n)],
            "feelings": ticked(moods, pulls, random),
        }
    )


def eight_moods(n=900, seed=0):
    """Return a table of numbers and answers, in which a place on the plane ticks nearby moods."""
    random = np.random.default_rng(seed)
    places = np.array(list(_EIGHT.values()))
    place = random.random((n, 2))
    away = ((place[:, None] - places) ** 2).sum(axis=2)
    pulls = 2 - 14 * away
    steps = np.array(["never", "seldom", "often", "always"])
    return pl.DataFrame(
        {
            "steps a day": (20_000 * place[:, 1]).astype(int).astype(str),
            "smiles": steps[(place[:, 0] * 3.999).astype(int)],
            "pulse": (60 + 80 * place[:, 1] + random.normal(0, 8, n)).round(1).astype(str),
            "coin": random.choice(["heads", "tails"], n),
            "mood": ticked(tuple(_EIGHT), pulls, random),
        }
    )


def hundreds_of_columns(n=150, n_columns=300, seed=0):
    """Return few listeners and many columns, of every kind; the first five tell of three moods.

    The texts of answers are as long as whole sentences.
    """
    random = np.random.default_rng(seed)
    sides = random.random((n, 5)) < 0.5
    pulls = np.where(sides[:, :3], 2.0, -2.0) + 0.5 * (sides[:, 3:4] ^ sides[:, 4:5])
    tail = "because that is what everybody around me has been doing since I can remember"
    telling = {
        f"Q{i}: Which of these statements about your week do you agree with most": np.where(
            sides[:, i], f"I agree with the first one, {tail}", f"I agree with the other, {tail}"
        )
        for i in range(5)
    }
    kinds = (
        lambda: random.choice(["yes", "no", "maybe", ""], n),
        lambda: random.normal(0, 100, n).round(2).astype(str),
        lambda: random.integers(0, 11, n).astype(str),
        lambda: random.choice(["a, b", "b", "a", "c, a,"], n),
        lambda: [f"2024-{m:02}-{d:02}" for m, d in random.integers(1, 13, (n, 2))],
    )
    noise = {f"noise {i}": kinds[i % len(kinds)]() for i in range(n_columns - 5)}
    moods = ("Wind down, slowly", "Let off steam", "Cheer up")
    return pl.DataFrame({**telling, **noise, "feelings": ticked(moods, pulls, random)})


def odd_columns(n=200, seed=0):
    """Return a table in which only "time" tells anything, and most of the rest is odd.

    The last mood is ticked by one listener, the second by everyone.
    """
    random = np.random.default_rng(seed)
    night = random.random(n) < 0.5
    rest = night ^ (random.random(n) < 0.1)
    moods = np.where(rest, "to rest, Let off steam", "Let off steam").tolist()
    moods[17] += ", Cheer up"
    return pl.DataFrame(
        {
            "constant": ["same"] * n,
            "blank": [None] * n,
            "distinct": [f"text {i} of its own" for i in random.permutation(n)],
            "numbers of one": [1.5] * n,
            "counter": list(range(1, n + 1)),
            "nearly blank": ["x" if i == 3 else None for i in range(n)],
            "huge": random.choice([1e308, -1e308, 0.5, 1e-308], n),
            "words for numbers": random.choice(["inf", "nan", "1e999", "-"], n),
            "time": np.where(night, "Night", "Morning"),
            "feelings": moods,
        },
        strict=False,
    )
