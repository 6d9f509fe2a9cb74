"""The wording of a report's pages and figures, from the translation files of its texts and of its notebooks."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.numbers import list_currencies

from retention_kit import formats
from retention_kit.metrics.catalogue import CATALOGUE
from retention_kit.report.language.language import CATALOGUES, ENGLISH, catalogue, forms, sign
from retention_kit.wording import Wording

NOTEBOOKS: Final = CATALOGUES / "notebooks"
"""Translation files of the texts of notebooks."""
_NAME: Final = "wording-{}.json"
_VALUE: Final = re.compile(r"%\(\w+\)s")
_PATTERNS: Final = {
    "pl": {"month": "{month} {year}", "day": "{day} {month} {year}", "alone": "{month}", "day_only": "{day} {month}"},
    "zh-Hant": {
        "month": "{year} 年 {month}",
        "day": "{year} 年 {month} {day} 日",
        "alone": "{month}",
        "day_only": "{month} {day} 日",
    },
}


@functools.cache
def wording(code: str) -> Wording | None:
    """The wording of a language; None for English, in which everything is written."""
    return None if code == ENGLISH.code else Wording(_content(code))


def said(text: str, code: str) -> str:
    """A sentence that the package made, in a language: a note of loading, a reason on a list.

    Examples
    --------
    >>> said("it needs orders", "pl"), said("it needs orders", "en")
    ('wymaga tabeli: zamówienia', 'it needs orders')
    """
    translation = wording(code)
    return translation(text) if translation else text


def write(code: str, folder: Path) -> Path | None:
    """Write the wording of a language for the kernels of a report; None for English."""
    if code == ENGLISH.code:
        return None
    file = folder / _NAME.format(code)
    file.write_text(json.dumps(_content(code), ensure_ascii=False), encoding="utf-8")
    return file


@functools.cache
def _content(code: str) -> dict[str, Any]:
    messages = {}
    for path in (CATALOGUES / f"{code}.po", NOTEBOOKS / f"{code}.po"):
        for entry in catalogue(path, code):
            id, translations = forms(entry.id)[0], forms(entry.string)
            if id and not _VALUE.search(id) and all(translations):
                messages[_numbered(id)] = [_numbered(form) for form in translations]
    for metric in CATALOGUE.values():
        name = metric.pl if code == "pl" else metric.zh
        messages.setdefault(metric.en, [name[0].upper() + name[1:]])
    return {
        "language": code,
        "messages": messages,
        "months": {"names": _months(code), "patterns": _PATTERNS[code]},
        "currencies": _currencies(code),
    }


def _numbered(text: str) -> str:
    """The text of a message with its fields in braces: # is a number, or the name of a model."""
    names = iter(f"n{i}" if i > 1 else "n" for i in range(1, 10))
    return re.sub("#", lambda _: f"{{{next(names)}}}", text.replace("%%", "%"))


def _currencies(code: str) -> dict[str, str]:
    """The signs of currencies in a language, by what stands for them in English."""
    return {formats.SYMBOLS.get(currency, currency): sign(currency, code) for currency in sorted(list_currencies())}


def _months(code: str) -> dict[str, list[str]]:
    names = Locale.parse(code, sep="-").months
    kinds = {"long": names["stand-alone"]["wide"], "day": names["format"]["wide"]}
    kinds["short"] = names["stand-alone"]["abbreviated"]
    return {kind: [by_number[i].replace("月", "\u00a0月") for i in range(1, 13)] for kind, by_number in kinds.items()}
