"""Which rows are one track, and which tracks are one song."""

import hashlib
import unicodedata

import polars as pl

from moodtune.catalog.schema import (
    ALTERNATIVE_IDS,
    ARTISTS,
    DTYPES,
    GENRES,
    POPULARITY,
    TITLE,
    TRACK_ID,
)

#: Between the parts of a song's key; no title or name that a person can read has it.
_SEPARATOR = "\x1f"
_SONG_ID_BYTES = 12
_ROW = "row"

#: What two tracks share if they are one song, and the hash of a title.
SONG_KEY, TITLE_HASH = "song_key", "title_hash"

#: Letters and marks of text that NFKC leaves as it is and whose case folds letter by letter to
#: lower case: Latin, Greek, Cyrillic, Hebrew, Arabic, kana, Chinese, Hangul, dashes and quotes.
#: None of them joins with another of them, so a text of them alone needs no look at its letters.
PLAIN_LETTERS = (
    r"\x00-\x7F\u{A1}\u{AB}\u{BB}\u{BF}-\u{DE}\u{E0}-\u{12F}\u{14A}-\u{17E}\u{391}-\u{3A1}"
    r"\u{3A4}-\u{3A9}\u{3B1}-\u{3C1}\u{3C3}-\u{3C9}\u{410}-\u{44F}\u{5D0}-\u{5EA}\u{621}-\u{64A}"
    r"\u{2010}\u{2012}-\u{2015}\u{2018}-\u{201E}\u{2020}-\u{2022}\u{3001}-\u{3029}"
    r"\u{3041}-\u{3096}\u{30A0}-\u{30FE}\u{4E00}-\u{9FFF}\u{AC00}-\u{D7A3}"
)
_ODD_LETTER = rf"[^{PLAIN_LETTERS}]"
#: What a text has that is more than plain letters with single spaces between; other spaces than
#: those of ASCII are odd letters.
_SPECIAL = rf"{_ODD_LETTER}|\s\s|[\t-\r]"


def folded(texts: pl.Series) -> pl.Series:
    """Return texts in NFKC, case folded, each run of spaces as one: what spelling leaves open."""
    result = texts.str.to_lowercase()  # for plain letters that is case folding
    is_special = texts.str.contains(_SPECIAL).fill_null(value=False)
    if is_special.any():
        is_odd = is_special & texts.str.contains(_ODD_LETTER).fill_null(value=False)
        if is_odd.any():
            result = _folded_letter_by_letter(texts, is_odd).zip_with(is_odd, result)
        result = result.str.replace_all(r"\s+", " ").zip_with(is_special, result)
    return result.str.strip_chars()


def _folded_letter_by_letter(texts: pl.Series, is_odd: pl.Series) -> pl.Series:
    distinct = texts.filter(is_odd).unique()
    letters = [unicodedata.normalize("NFKC", text).casefold() for text in distinct]
    spelled = pl.DataFrame({"text": distinct, "folded": letters})
    asked = texts.alias("text").to_frame()
    return asked.join(spelled, on="text", how="left", maintain_order="left")["folded"]


def song_keys(tracks: pl.DataFrame) -> pl.Series:
    """Return what two tracks share if they are one song: title and set of artists, folded.

    Null where the title or the artists are unknown: such tracks are like no other.
    """
    artists = folded(tracks[ARTISTS].list.join(_SEPARATOR)).alias(ARTISTS)
    artist_set = (
        pl.col(ARTISTS)
        .str.replace_all(rf"\s*{_SEPARATOR}\s*", _SEPARATOR)
        .str.split(_SEPARATOR)
        .list.unique()
        .list.sort()
        .list.join(_SEPARATOR)
    )
    key = pl.concat_str(TITLE, artist_set, separator=_SEPARATOR)
    parts = pl.DataFrame([folded(tracks[TITLE]).alias(TITLE), artists])
    return parts.select(pl.when(pl.col(ARTISTS) != "").then(key).alias(SONG_KEY)).to_series()


def song_ids(keys: pl.Series) -> pl.Series:
    """Return an id for tracks without one: the same for the same song in any table.

    96 bits of BLAKE2b: among a hundred million songs two share an id with odds of 1 in 10^13.
    """
    made = [
        "song:" + hashlib.blake2b(key.encode(), digest_size=_SONG_ID_BYTES).hexdigest()
        for key in keys
    ]
    return pl.Series(TRACK_ID, made, dtype=pl.String)


def one_per_id(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep one row per id: the first in sorted order of its columns, so row order never matters.

    Columns are compared in the schema's order, a blank after everything else. Genres are no part
    of the comparison: those of all rows of an id are gathered, sorted.
    """
    if rows[TRACK_ID].n_unique() == rows.height:
        return rows
    is_repeated = rows[TRACK_ID].is_duplicated()
    repeated = rows.filter(is_repeated)
    compared = [
        pl.col(name).list.join(_SEPARATOR) if name == ARTISTS else pl.col(name)
        for name in DTYPES
        if name in rows.columns and name != GENRES
    ]
    kept = repeated.sort(compared, nulls_last=True).unique(
        TRACK_ID, keep="first", maintain_order=True
    )
    if GENRES in rows.columns:
        kept = kept.with_columns(_gathered_genres(repeated, kept[TRACK_ID]))
    return pl.concat([rows.filter(~is_repeated), kept])


def _gathered_genres(rows: pl.DataFrame, ids: pl.Series) -> pl.Series:
    """Return the sorted genres of all rows of each of ``ids``."""
    gathered = (
        rows.select(TRACK_ID, GENRES)
        .explode(GENRES, empty_as_null=True)
        .unique()
        .sort(TRACK_ID, GENRES)
        .group_by(TRACK_ID)
        .agg(pl.col(GENRES).drop_nulls())
    )
    asked = ids.to_frame()
    return asked.join(gathered, on=TRACK_ID, how="left", maintain_order="left")[GENRES]


def one_per_song(tracks: pl.DataFrame) -> pl.DataFrame:
    """Keep one track per song: the most popular, then the smallest id; name its other ids.

    ``tracks`` has one row per id. A popularity that is not known counts as the lowest. The result
    is sorted by id, and has the column of alternative ids, sorted, empty where there is none.
    """
    others = _others_of(tracks)
    gone = others.select(pl.col(ALTERNATIVE_IDS).explode().alias(TRACK_ID))
    # Only ids are joined and sorted; the wide rows are moved once, at the end.
    ids = (
        tracks.select(pl.col(TRACK_ID), pl.int_range(pl.len()).alias(_ROW))
        .join(gone, on=TRACK_ID, how="anti")
        .sort(TRACK_ID)
    )
    return with_other_ids(tracks[ids[_ROW]], others)


def with_other_ids(songs: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return ``songs`` in their order with the column of alternative ids, empty where none is."""
    no_ids = pl.lit([], dtype=DTYPES[ALTERNATIVE_IDS])
    if others.is_empty():
        return songs.with_columns(no_ids.alias(ALTERNATIVE_IDS))
    ids = songs.select(TRACK_ID).join(others, on=TRACK_ID, how="left", maintain_order="left")
    return songs.with_columns(ids[ALTERNATIVE_IDS]).with_columns(
        pl.col(ALTERNATIVE_IDS).fill_null(no_ids)
    )


def title_hashes(tracks: pl.DataFrame) -> pl.Series:
    """Return a hash of 64 bits of each folded title, null where there is none."""
    titles = folded(tracks[TITLE])
    return titles.hash(0).set(titles.is_null(), None).alias(TITLE_HASH)


def _others_of(tracks: pl.DataFrame) -> pl.DataFrame:
    # Titles, and then artists, are only folded where hashes say that two may be alike.
    titles = tracks[TITLE_HASH] if TITLE_HASH in tracks.columns else title_hashes(tracks)
    alike = tracks.filter(titles.is_duplicated() & titles.is_not_null())
    alike = alike.with_columns(song_keys(alike))
    return other_ids(alike.filter(pl.col(SONG_KEY).is_not_null()), by=(SONG_KEY,))


def other_ids(alike: pl.DataFrame, *, by: tuple[str, ...]) -> pl.DataFrame:
    """Return, for each track that stands for more than one, its id and the sorted other ids.

    ``by`` names the columns that are the same in all tracks of a song.
    """
    alike = alike.filter(pl.struct(by).is_duplicated())
    order = [name for name in (*by, POPULARITY, TRACK_ID) if name in alike.columns]
    descending = [name == POPULARITY for name in order]
    return (
        alike.sort(order, descending=descending, nulls_last=True)
        .group_by(by, maintain_order=True)
        .agg(
            pl.col(TRACK_ID).first(),
            pl.col(TRACK_ID).slice(1).sort().alias(ALTERNATIVE_IDS),
        )
        .drop(by)
    )
