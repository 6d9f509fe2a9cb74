"""Which installed fonts can draw the letters of a figure that the usual font lacks, such as Chinese or Korean.

Names of countries, plans and products are text from data in any script. matplotlib draws a box where its font has no
letter, so that two names can look the same.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib import font_manager

from retention_kit.errors import RetentionKitWarning

USUAL: Final = "DejaVu Sans"
"""The font that comes with matplotlib."""
_TRADITIONAL: Final = (
    "Noto Sans CJK TC",
    "Noto Sans TC",
    "PingFang TC",
    "PingFang HK",
    "Microsoft JhengHei",
    "Heiti TC",
)
_SIMPLIFIED: Final = ("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Heiti SC", "SimHei")
_JAPANESE: Final = ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "Meiryo", "MS Gothic")
_KOREAN: Final = ("Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "NanumGothic")
_CHINESE: Final = (*_TRADITIONAL, *_SIMPLIFIED, "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Arial Unicode MS")
_FIRST: Final = (
    ("\u3040", "\u30ff", (*_JAPANESE, *_CHINESE)),  # hiragana and katakana
    ("\uac00", "\ud7a3", (*_KOREAN, *_CHINESE)),  # hangul
    ("\0", "\U0010ffff", (*_CHINESE, *_JAPANESE, *_KOREAN)),
)
"""Fonts to try first where a letter between these two occurs: the same Chinese sign is drawn differently in each."""
_BOXES: Final = re.compile(r"\.?Last ?Resort")  # fonts of macOS that draw a box for every letter
_NOT_DRAWN: Final = frozenset("\n\t\r")


def letters(*values: Any) -> frozenset[str]:
    """The letters of texts, and of the text in tables, that the usual font lacks."""
    return frozenset(set().union(*map(set, _texts(values)))) - _usual() - _NOT_DRAWN


def families(missing: frozenset[str]) -> list[str]:
    """The usual font, followed by as few installed fonts as have these letters; letters of no font are ignored.

    Examples
    --------
    >>> families(frozenset())
    ['DejaVu Sans']
    """
    return [USUAL, *_others(missing)]


@contextmanager
def missing_letters_named() -> Iterator[None]:
    """Replace matplotlib's warnings about single missing letters by one that lists them and says what to install.

    All other warnings pass through unchanged.
    """
    missing: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        text = str(warning.message)
        if text.startswith("Glyph ") and " missing from font" in text:
            missing.append(chr(int(text.split()[1])))
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if missing:
        named = "".join(dict.fromkeys(missing))
        shown = f"{named[:20]!r}{' and others' if len(named) > 20 else ''}"
        warnings.warn(
            f"No installed font has the letters {shown}, so the figure shows boxes in their place; the words and the "
            "tables of the page have them. For Chinese, Japanese and Korean install Noto Sans CJK (the package "
            "fonts-noto-cjk of Debian and Ubuntu).",
            RetentionKitWarning,
            stacklevel=3,
        )


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, pd.DataFrame):
            yield from _texts([value.columns, value.index, *(value.iloc[:, i] for i in range(value.shape[1]))])
        elif isinstance(value, (pd.Series, pd.Index)):
            if not (pd.api.types.is_numeric_dtype(value) or pd.api.types.is_datetime64_any_dtype(value)):
                yield from _texts(pd.unique(np.asarray(value, dtype=object)))
            if isinstance(value, pd.Series):
                yield from _texts([str(value.name), value.index])
        elif isinstance(value, (list, tuple, set)):
            yield from _texts(value)
        elif isinstance(value, dict):
            yield from _texts([*value.keys(), *value.values()])


@functools.cache
def _usual() -> frozenset[str]:
    return _letters_of(font_manager.findfont(font_manager.FontProperties(family=[USUAL])))


@functools.cache
def _letters_of(path: Any) -> frozenset[str]:
    return frozenset(map(chr, font_manager.get_font(path).get_charmap()))


@functools.lru_cache(64)
def _others(missing: frozenset[str]) -> tuple[str, ...]:
    """Installed fonts, known ones first, that each have a letter which the ones before do not have."""
    chosen, left = _chosen(missing, _installed())
    if left and _find_new_fonts():
        chosen, left = _chosen(missing, _installed())
    return tuple(chosen)


def _chosen(missing: frozenset[str], installed: dict[str, Any]) -> tuple[list[str], frozenset[str]]:
    chosen, left = [], missing
    preferred = next((names for low, high, names in _FIRST if any(low <= letter <= high for letter in missing)), ())
    for name in dict.fromkeys([*(name for name in preferred if name in installed), *sorted(installed)]):
        if not left:
            break
        if left & _letters_of(installed[name]):
            chosen.append(name)
            left -= _letters_of(installed[name])
    return chosen, left


def _installed() -> dict[str, Any]:
    """One file for each upright family of fonts, except for fonts that draw a box for every letter."""
    upright = [entry for entry in font_manager.fontManager.ttflist if entry.style == "normal"]
    return {entry.name: entry.fname for entry in upright if entry.name != USUAL and not _BOXES.match(entry.name)}


@functools.cache
def _find_new_fonts() -> bool:
    """Add fonts that were installed since matplotlib made its list; return whether there were any."""
    registered = {str(entry.fname) for entry in font_manager.fontManager.ttflist}
    new = [path for path in font_manager.findSystemFonts() if path not in registered]
    for path in new:
        try:
            font_manager.fontManager.addfont(path)
        except (OSError, RuntimeError):  # a damaged file, or a format that matplotlib cannot draw
            continue
    return bool(new)
