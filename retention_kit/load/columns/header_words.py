"""Words that headers are made of, in seven languages: data, in header_words.toml.

`names` are complete headers that are read as a column without looking at what is below them; `speaks_of` weighs parts
of headers for `retention-kit init`, which looks at the content as well.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# letters that Unicode does not split into a letter and an accent
_LETTERS = str.maketrans({"ł": "l", "ß": "ss", "ø": "o", "æ": "ae", "đ": "d", "ı": "i"})
# accents, after Unicode has split them from their letters
_MARKS = re.compile("[\u0300-\u036f]")
# the seam inside customerId and OrderIDNumber
_HUMP = re.compile("(?<=[a-zß-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
# n° and # in front of a number
_NUMBER = re.compile(r"\bn°|#")
# the seam between ASCII and Japanese or Chinese
_SEAM = re.compile(r"(?<=[ -\x7f])(?=[\u3040-\u30ff\u4e00-\u9fff])|(?<=[\u3040-\u30ff\u4e00-\u9fff])(?=[ -\x7f])")
_UNIT = re.compile(
    r"[([（【]\s*(?:[A-Z]{3}|\W{1,3}|[A-Z]{0,2}\$|zł|kr|Kč|円|元|税込|含稅|incl\.?[\w .]*|brutto|TTC)\s*[)\]）】]|"
    r"(?<=[\w)])(?: in)? (?:EUR|USD|GBP|PLN|CHF|CZK|SEK|NOK|DKK|HUF|JPY|TWD|NTD|HKD|CNY|KRW|CAD|AUD|MXN|COP|CLP|ARS)$"
)
"""The unit that a header names: a currency, a tax, a time zone."""
_EVERYWHERE = ("customer_id", "order_id", "currency")
"""Columns that tables beside the orders have as well."""
_KANA = re.compile("[\u3040-\u30ff]")
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")


@functools.cache
def _vocabulary() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("header_words.toml").read_text(encoding="utf-8"))


@functools.cache
def folded(header: str, *, unit: bool = True) -> str:
    """A header in lower case without accents, with spaces between words; with `unit=False` also without its unit.

    Examples
    --------
    >>> folded("E-Mail-Adresse"), folded("orderDate"), folded("Nº de pedido"), folded("會員ID")
    ('e mail adresse', 'order date', 'no de pedido', '會員 id')
    >>> folded("Wartość brutto (PLN)", unit=False), folded("合計金額（税込）", unit=False)
    ('wartosc brutto', '合計金額')
    """
    text = header if unit else _UNIT.sub("", header.strip())
    text = _HUMP.sub(" ", unicodedata.normalize("NFKC", text))
    text = unicodedata.normalize("NFD", text.lower().translate(_LETTERS))
    text = unicodedata.normalize("NFC", _MARKS.sub("", text))
    text = _SEAM.sub(" ", _NUMBER.sub(" no ", text))
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


@functools.cache
def names(table: str, column: str) -> tuple[str, ...]:
    """Complete headers, folded, that are read as a column, the more likely of each language first.

    Examples
    --------
    >>> "kwota" in names("orders", "amount"), "ocena" in names("surveys", "score"), names("visits", "day")
    (True, True, ())
    """
    by_language = _vocabulary()["tables"].get(table, {}).get(column, {})
    if table == "orders" or column in _EVERYWHERE:
        by_language = _vocabulary()["names"].get(column, {})
    return tuple(folded(name) for of_one in by_language.values() for name in of_one)


@functools.cache
def speaks_of(header: str, subject: str) -> bool:
    """Whether a header holds a word of a subject: customer, id, email, order, moment, amount, status …

    Examples
    --------
    >>> speaks_of("Bestelldatum", "moment"), speaks_of("Updated at", "not_moment"), speaks_of("Importe", "not_amount")
    (True, True, False)
    """
    text = folded(header)
    return any(_holds(text, stem) for stem in _vocabulary()["stems"][subject])


def _holds(text: str, stem: str) -> bool:
    """Whether a folded header holds a word, as header_words.toml says."""
    tokens = text.split()
    if not stem.isascii():
        return folded(stem).replace(" ", "") in text.replace(" ", "")
    if stem.startswith("="):
        return stem[1:] in tokens
    if " " in stem:
        return f" {stem} " in f" {text} "
    if len(stem) <= 3:
        return stem in tokens
    if len(stem) == 4:
        return any(token.startswith(stem) or token.endswith(stem) for token in tokens)
    return any(stem in token for token in tokens)


def language(headers: tuple[str, ...]) -> str:
    """The language of headers: ja, zh, de, fr, es, pl; en where nothing says otherwise.

    Examples
    --------
    >>> language(("Klient", "Kwota", "Data")), language(("Email", "Total")), language(("会員ID", "注文日時", "お名前"))
    ('pl', 'en', 'ja')
    """
    joined = "".join(headers)
    if _KANA.search(joined):
        return "ja"
    if _IDEOGRAPH.search(joined):
        japanese = any(sign in joined for sign in ("円", "税", "顧", "売", "会員", "注文", "番号"))
        return "ja" if japanese and not any(sign in joined for sign in ("訂", "單", "號", "額", "會")) else "zh"
    texts = [folded(header) for header in headers]
    counts = {
        name: sum(any(_has_word(text, word) for word in typical) for text in texts)
        for name, typical in _vocabulary()["languages"].items()
    }
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] and list(counts.values()).count(counts[best]) == 1 else "en"


def _has_word(text: str, word: str) -> bool:
    return f" {word} " in f" {text} "
