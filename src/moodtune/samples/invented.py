"""Names and ids that nobody could take for real: every one says that it is invented."""

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: What every sample track's id begins with. The hyphen alone rules out a real Spotify id.
SAMPLE_ID_PREFIX = "sample-"
#: What every free-text answer of a sample survey begins with; each such survey has one.
SAMPLE_ANSWER_PREFIX = "Invented answer"

_SAMPLE_ID = re.compile(rf"^{SAMPLE_ID_PREFIX}[0-9a-f]{{15}}$")

COLORS = (
    *("Amber", "Azure", "Beige", "Bronze", "Carmine", "Cerulean", "Chestnut", "Cobalt", "Copper"),
    *("Coral", "Cream", "Crimson", "Cyan", "Ebony", "Fawn", "Ginger", "Hazel", "Indigo", "Ivory"),
    *("Jade", "Khaki", "Lilac", "Magenta", "Mauve", "Mustard", "Ochre", "Olive", "Peach", "Pewter"),
    *("Russet", "Saffron", "Sepia", "Sienna", "Tawny", "Teal", "Umber"),
)
PLACES = (
    *("Aqueduct", "Archway", "Boathouse", "Bookshop", "Canal", "Causeway", "Cistern", "Colonnade"),
    *("Courtyard", "Footbridge", "Granary", "Greenhouse", "Harbor Wall", "Hayloft", "Hedgerow"),
    *("Kiln", "Landing", "Lighthouse Stair", "Lockgate", "Meadow Path", "Mill Pond", "Orangery"),
    *("Packing Shed", "Pavilion", "Pergola", "Quayside", "Reading Room", "Signal Box", "Stairwell"),
    *("Tollhouse", "Towpath", "Turnstile", "Verandah", "Viaduct", "Waiting Room", "Weighbridge"),
)
ANIMALS = (
    *("Alpacas", "Avocets", "Axolotls", "Bandicoots", "Beavers", "Capybaras", "Cormorants"),
    *("Curlews", "Dormice", "Dunlins", "Egrets", "Fieldfares", "Foxes", "Gannets", "Geckos"),
    *("Godwits", "Hares", "Hedgehogs", "Herons", "Ibexes", "Jerboas", "Kestrels", "Lapwings"),
    *("Marmots", "Newts", "Numbats", "Okapis", "Otters", "Pipits", "Plovers", "Puffins"),
    *("Quokkas", "Redstarts", "Stoats", "Shrews", "Siskins", "Tapirs", "Terns", "Voles"),
    *("Wagtails", "Wrynecks"),
)

_MASK = (1 << 60) - 1
#: Rows looked through at once: the first ones tell, as a rule.
_ROWS = 16_384
_TRIPLES = pl.Series([f"{number:03x}" for number in range(4096)])


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return 60 bits that look random for each value; different values give different bits.

    Shifts and odd factors modulo 2^60 can be undone, so no two values meet (the finalizer of
    splitmix64, narrowed to 60 bits).
    """
    mask = np.uint64(_MASK)
    bits = values & mask
    for shift, factor in ((30, 0xF58476D1CE4E5B9), (27, 0x4D049BB133111EB)):
        bits = ((bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)) & mask
    return bits ^ (bits >> np.uint64(31))


def track_ids(numbers: NDArray[np.uint64], *, key: int) -> pl.Series:
    """Return an id of 22 characters for each track number; another key gives other ids."""
    bits = mixed(numbers ^ np.uint64(key & _MASK))
    pieces = [
        _TRIPLES.gather(((bits >> np.uint64(shift)) & np.uint64(4095)).astype(np.uint32))
        for shift in (48, 36, 24, 12, 0)
    ]
    columns = {str(place): piece for place, piece in enumerate(pieces)}
    return pl.select(pl.concat_str(pl.lit(SAMPLE_ID_PREFIX), *columns.values())).to_series()


def titles(numbers: NDArray[np.uint64]) -> pl.Series:
    """Return a title for each track number, such as ``Sample Song 00017 — Amber Viaduct``."""
    bits = mixed(numbers)
    return _joined(
        pl.lit("Sample Song "),
        pl.Series(numbers).cast(pl.String).str.zfill(5),
        pl.lit(" — "),
        _word(COLORS, bits % np.uint64(len(COLORS))),
        pl.lit(" "),
        _word(PLACES, bits // np.uint64(4096) % np.uint64(len(PLACES))),
    )


def artists(numbers: NDArray[np.uint64]) -> pl.Series:
    """Return a name for each artist number, such as ``The Invented Foxes 12``."""
    return _joined(
        pl.lit("The Invented "),
        _word(ANIMALS, numbers % np.uint64(len(ANIMALS))),
        pl.lit(" "),
        pl.Series(numbers // np.uint64(len(ANIMALS)) + np.uint64(1)).cast(pl.String),
    )


def albums(numbers: NDArray[np.uint64], editions: NDArray[np.uint64]) -> pl.Series:
    """Return the title of an artist's album, such as ``Sample Album 3 — Teal Kiln``."""
    bits = mixed(numbers * np.uint64(64) + editions)
    return _joined(
        pl.lit("Sample Album "),
        pl.Series(editions + np.uint64(1)).cast(pl.String),
        pl.lit(" — "),
        _word(COLORS, bits % np.uint64(len(COLORS))),
        pl.lit(" "),
        _word(PLACES, bits // np.uint64(4096) % np.uint64(len(PLACES))),
    )


def is_sample(table: pl.DataFrame) -> bool:
    """Say whether any row of a table of tracks or of listeners comes from ``moodtune sample``.

    True if any cell of text is a sample track's id, or holds a sample survey's invented answer.
    """
    text = table.select(pl.col(pl.String))
    return any(_has_invented(text.slice(at, _ROWS)) for at in range(0, text.height, _ROWS))


def _has_invented(text: pl.DataFrame) -> bool:
    found = pl.any_horizontal(
        (pl.all().str.contains(_SAMPLE_ID.pattern) | pl.all().str.contains(SAMPLE_ANSWER_PREFIX))
        .any()
    )  # fmt: skip
    return bool(text.width and text.select(found).item())


def _word(words: tuple[str, ...], places: NDArray[np.uint64]) -> pl.Series:
    return pl.Series(words).gather(places.astype(np.uint32))


def _joined(*pieces: pl.Series | pl.Expr) -> pl.Series:
    return pl.select(pl.concat_str(*pieces)).to_series()
