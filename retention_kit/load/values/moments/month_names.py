"""Names of months in exports: English, German, French, Spanish and Polish, long and short."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Mapping

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pl": "Polish"}
"""Languages in which exports with names of months were seen; no name is that of two months."""

_ALSO = {
    "en": {"sept": 9},
    "de": {"mrz": 3, "jaen": 1, "janner": 1},
    "fr": {"sep": 9},
    "es": {"sep": 9, "set": 9, "setiembre": 9},
}
"""Spellings that CLDR does not have: the older German Mrz, the Austrian Jänner, the Spanish setiembre."""


def months_of(texts: Iterable[str]) -> dict[str, int]:
    """The number of each word that is the name of a month; other words are left out.

    Examples
    --------
    >>> months_of(["May", "Dez", "oct.", "października", "juil", "marraskuuta"])
    {'May': 5, 'Dez': 12, 'oct.': 10, 'października': 10, 'juil': 7}
    """
    names = {name: number for language in LANGUAGES for name, number in _names(language).items()}
    return {word: names[_folded(word)] for word in texts if _folded(word) in names}


def languages_of(texts: Iterable[str]) -> list[str]:
    """The languages that have all of the words.

    Examples
    --------
    >>> languages_of(["Sep", "Oct"]), languages_of(["Sep", "Okt"]), languages_of(["paź", "ene"])
    (['English', 'French', 'Spanish'], ['German'], [])
    """
    folded = {_folded(word) for word in texts}
    return [name for language, name in LANGUAGES.items() if folded <= set(_names(language))]


@functools.cache
def _names(language: str) -> Mapping[str, int]:
    """The names of months of one language, from Unicode's CLDR."""
    from babel.dates import get_month_names  # only files with names of months need it

    forms = [
        get_month_names(width, context, locale=language)
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
    ]
    names = {_folded(name): number for form in forms for number, name in form.items()}
    return names | _ALSO.get(language, {})


def _folded(word: str) -> str:
    """A word in small letters without accents and full stops: 'Août.' is aout."""
    letters = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in letters if letter.isalpha())
