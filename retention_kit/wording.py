"""English texts of pages and figures in another language: a text is recognised by the message it was made from.

A message is a whole sentence, title or label with the names of its values in braces: ``{n} of {n2} rows refused``. A
text made from it is translated as a whole; its values are translated in their turn, and numbers, months and days are
written as the language writes them. A text that no message fits stays as it is, so names from data are never changed.
"""

from __future__ import annotations

import calendar
import functools
import heapq
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

FIELD: Final = re.compile(r"\{(\w+)\}")
_SIGN: Final = r"[A-Z]{0,3}[$\u20ac\xa3\xa5\u20aa\u20b9\u20a9\u20b1\u20ab]|[A-Z]{3}[ \xa0]"
"""The sign of a currency before its amount."""
_NUMBER: Final = rf"(?:[+\u2212-]?\\?(?:{_SIGN})?(?:\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?|inf)[kMB]?|–)"
_MONEY: Final = re.compile(rf"([+\u2212-]?)\\?({_SIGN})(.+)")
_SIGN_BEHIND: Final = {"pl": True, "zh-Hant": False}
"""Whether the sign of a currency stands behind its amount."""
_NUMERAL: Final = re.compile(rf"{_NUMBER}(?:[ \u00a0]%)?")
_COUNT: Final = re.compile(r"n\d*")
"""Names of values that are numbers: n, n2 and so on. The first of them chooses the plural form."""
MODELS: Final = {
    "BGNBD": "BG/NBD", "MBGNBD": "MBG/NBD", "ParetoNBD": "Pareto/NBD", "BGCNBD": "BG/CNBD-k", "MBGCNBD": "MBG/CNBD-k",
}  # fmt: skip
"""Names of models as the literature writes them."""
_KINDS: Final = {"currency": "[A-Z]{3}", "date": r"\d{4}(?:-(?:\d\d|Q\d))?(?:-\d\d)?"}
"""Names of values that have a form of their own: the code of a currency, and a day or period in figures."""
_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_BETWEEN_SIGNS: Final = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
_HOLE: Final = re.compile(r"(?<=日) (?=[\u4e00-\u9fff])")
"""A space after a Chinese date, which no other Chinese sign follows."""
_MONTHS: Final = list(calendar.month_name)[1:]
_MONTH: Final = re.compile(rf"(?:(\d{{1,2}}) )?({'|'.join(f'{m}|{m[:3]}' for m in _MONTHS)})(?: (\d{{4}}))?")
_SENTENCE: Final = re.compile(r"(?:(?<=[.?!])|(?<=[.?!]\*\*)) (?=[A-Z0-9*(])")
_CLAUSE: Final = re.compile(r"(?<=[.?!]) (?=\S)")
"""Ends of sentences, also of those that begin with a name in small letters."""
_LISTS: Final = ("; ", ": ", ", ", " and ", " → ", " · ")
"""Marks between the parts of a text of which each is a text of its own: a row of a list, or a label and its value."""
_DEPTH: Final = 7
_FEW: Final = 12
_PER_NUMBER: Final = 5
"""A message with fewer letters than this, of which a number counts as five, is only taken if its values are names."""
_LISTED: Final = ("list", "moves", "points", "held", "pairs", "tail", "tail2")
"""Names of values that are lists."""
_LONG: Final = ("rest", "text", "why")
"""Names of values that are sentences."""
_SHORT: Final = 3
"""Most words of a name."""


class Wording:
    """The messages of a language and its ways to write numbers and months.

    Examples
    --------
    >>> polish = Wording({"messages": {"{n} rows": ["{n} wiersz", "{n} wiersze", "{n} wierszy"]}, "language": "pl"})
    >>> polish("3 rows"), polish("1,200 rows"), polish("Widgets")
    ('3 wiersze', '1200 wierszy', 'Widgets')
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._messages: dict[str, Sequence[str]] = {_plain(id): forms for id, forms in content["messages"].items()}
        self.language: str = content["language"]
        self._months: Mapping[str, Any] = content.get("months", {})
        self._currencies: Mapping[str, str] = content.get("currencies", {})
        self._exact = {id for id in self._messages if not FIELD.search(id)}
        self._by_word: dict[str, list[str]] = {}
        for id in sorted(set(self._messages) - self._exact, key=_literal_length, reverse=True):
            self._by_word.setdefault(_first_word(id), []).append(id)
        self._longest = {id: max(FIELD.split(id)[::2], key=len) for id in self._messages}
        self._patterns: dict[str, tuple[re.Pattern[str], ...]] = {}
        self._done: dict[str, str | None] = {}

    def __call__(self, text: str) -> str:
        """The text in the language; as it is if no message fits."""
        known = self.known(text)
        return text if known is None else known

    def known(self, text: str, depth: int = 0) -> str | None:
        """The text in the language; None if no message fits."""
        plain = _plain(text)
        if depth and self._months and (day := _DAY.fullmatch(plain)):  # in a sentence; in a table it stays
            return self._month(str(int(day[3])), _MONTHS[int(day[2]) - 1], day[1])
        if plain in self._done:
            return self._done[plain]
        known = self._translated(plain, depth)
        if known is not None or depth == 0:  # further inside a text, the depth may have been the reason
            self._done[plain] = known
        return known

    def message(self, id: str) -> str | None:
        """The translation of a message with its values still in braces; None if there is none."""
        forms = self._messages.get(id)
        return None if forms is None else forms[0]

    def number(self, text: str) -> str:
        """A number written in English, with the marks of the language and its sign of the currency."""
        money = _MONEY.fullmatch(text)
        sign = self._currencies.get(money[2].strip()) if money else None
        if money is None or sign is None:
            return numerals(text, self.language)
        amount = numerals(money[3], self.language)
        if _SIGN_BEHIND[self.language]:
            return f"{money[1]}{amount}\u00a0{sign}"
        return f"{money[1]}{sign}{chr(0xA0) if sign.isalpha() else ''}{amount}"

    def _translated(self, text: str, depth: int) -> str | None:
        if not text or depth > _DEPTH:
            return None
        if text in self._exact:
            return self._messages[text][0]
        if _NUMERAL.fullmatch(text):
            return self.number(text)
        if (month := _MONTH.fullmatch(text)) and self._months:
            return self._month(*month.groups())
        if (match := self._match(text, depth, loose=False)) is not None:
            return self._filled(*match, depth)
        if (parts := self._of_parts(text, depth)) is not None:
            return parts
        if (match := self._match(text, depth, loose=True)) is not None:
            return self._filled(*match, depth)
        known = self.known(text[0].lower() + text[1:], depth + 1) if text[0].isupper() else None
        return known[:1].upper() + known[1:] if known else None

    def _candidates(self, text: str) -> Iterator[str]:
        """The messages that may fit, the longest first: their longest words occur in the text."""
        lists = (self._by_word.get(text.split(" ", 1)[0], ()), self._by_word.get("", ()))
        for id in heapq.merge(*lists, key=lambda id: -_literal_length(id)):
            if self._longest[id] in text:
                yield id

    def _is_credible(self, id: str, values: Mapping[str, str], depth: int) -> bool:
        """Whether a message with few letters of its own has a number, and its other values are names or known."""
        if not _is_weak(id):
            return True
        has_number = any(_COUNT.fullmatch(name) or name in _KINDS for name in values)
        return has_number and all(
            len(value.split()) <= _SHORT or self.known(value, depth + 1) is not None for value in values.values()
        )

    def _match(self, text: str, depth: int, *, loose: bool) -> tuple[str, dict[str, str]] | None:
        """The message that a text was made from, with its values: one whose values are all known, if there is one."""
        credible = None
        for id in self._candidates(text):
            for pattern in self._patterns_of(id) if loose or not _is_weak(id) else ():
                match = pattern.fullmatch(text)
                if match is None or not (loose or _are_single(match.groupdict())):
                    continue
                if self._are_known(match.groupdict(), depth):
                    return id, match.groupdict()
                if credible is None and self._is_credible(id, match.groupdict(), depth):
                    credible = id, match.groupdict()
        return credible

    def _are_known(self, values: Mapping[str, str], depth: int) -> bool:
        return all(self.known(value, depth + 1) is not None for value in values.values())

    def _patterns_of(self, id: str) -> tuple[re.Pattern[str], ...]:
        """The expressions of a message: its values as short as possible, and as long as possible."""
        if id not in self._patterns:
            texts = dict.fromkeys(_as_pattern(id, values) for values in (".*?", ".*"))
            self._patterns[id] = tuple(re.compile(text, re.DOTALL) for text in texts)
        return self._patterns[id]

    def _filled(self, id: str, values: Mapping[str, str], depth: int) -> str:
        forms = self._messages[id]
        counts = [value for name, value in values.items() if _COUNT.fullmatch(name)]
        form = forms[0] if len(forms) == 1 else forms[plural(counts[0] if counts else "1", self.language)]
        text = FIELD.sub(lambda name: self._value(values[name[1]], depth), form)
        return _HOLE.sub("", text) if self.language.startswith("zh") else text

    def _value(self, text: str, depth: int) -> str:
        known = self.known(text, depth + 1)
        return text if known is None else known

    def _of_parts(self, text: str, depth: int) -> str | None:
        """A text of several sentences, or of the parts of a list, if every one of them is known."""
        for end in (_SENTENCE, _CLAUSE):
            sentences = end.split(text)
            known = [self._sentence(sentence, depth + 1) for sentence in sentences] if len(sentences) > 1 else [None]
            if all(part is not None for part in known):
                return ("" if self.language.startswith("zh") else " ").join(part or "" for part in known)
        for mark in _LISTS:
            if mark in text:
                known = [self.known(part, depth + 1) for part in text.split(mark, 1 if mark == ": " else -1)]
                if all(part is not None for part in known):
                    return self.mark(mark).join(part or "" for part in known)
        return None

    def _sentence(self, text: str, depth: int) -> str | None:
        """A sentence; a title before other sentences has a full stop that its message lacks."""
        known = self.known(text, depth)
        if known is None and text.endswith(".") and (title := self.known(text[:-1], depth)) is not None:
            return f"{title}{'。' if self.language.startswith('zh') else '.'}"
        return known

    def mark(self, mark: str) -> str:
        """The mark between the parts of a list in the language."""
        if self.language.startswith("zh"):
            return {"; ": "；", ": ": "：", ", ": "、", " and ": "與"}.get(mark, mark)
        return {" and ": " i\u00a0"}.get(mark, mark)

    def _month(self, day: str | None, name: str, year: str | None) -> str:
        number = next(i for i, month in enumerate(_MONTHS) if month.startswith(name))
        kind = "day" if day else "long" if name == _MONTHS[number] else "short"
        names, patterns = self._months["names"], self._months["patterns"]
        pattern = patterns[("day" if day else "month") if year else ("day_only" if day else "alone")]
        return str(pattern).format(day=day, month=names[kind][number], year=year)


def numerals(text: str, language: str) -> str:
    """A number written in English, with the marks of a language: a comma in Polish, and no space before a per cent.

    Examples
    --------
    >>> numerals("12,345.5", "pl"), numerals("1,234", "pl"), numerals("12.3 %", "zh-Hant")
    ('12\\xa0345,5', '1234', '12.3%')
    """
    text = re.sub("[ \u00a0]%", "%", text)
    if language != "pl":
        return text
    text = re.sub(r"(?<![\d,])(\d),(\d{3})(?![\d,])", r"\1\2", text)
    return text.translate(str.maketrans(",.", "\u00a0,"))


def plural(count: str, language: str) -> int:
    """The number of the plural form for a count, by the rules of CLDR; Chinese has one.

    Examples
    --------
    >>> [plural(count, "pl") for count in ("1", "2", "5", "12", "1,022", "0.5")]
    [0, 1, 2, 2, 1, 1]
    """
    if language != "pl":
        return 0
    text = re.sub("[^0-9.]", "", count)
    if not text or "." in text:
        return 1  # Polish counts fractions in the genitive singular, which the second form is nearest to
    n = int(text)
    return 0 if n == 1 else 1 if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else 2


def read(path: Path) -> Wording:
    """The wording that a report wrote for its kernels."""
    return Wording(json.loads(path.read_text(encoding="utf-8")))


CURRENT: Final[ContextVar[Wording | None]] = ContextVar("wording", default=None)
"""The wording of the figures of a report; None outside a report, and in an English one."""


def in_words(text: str) -> str:
    """A text of a figure in the language of the report that it is drawn for; as it is outside a report.

    Examples
    --------
    >>> in_words("Customers")
    'Customers'
    """
    wording = CURRENT.get()
    return text if wording is None else wording(text)


def labelled(label: str, text: str) -> str:
    """A value with its label, each in the language of the report that a figure is drawn for.

    Examples
    --------
    >>> labelled("Weeks since the first purchase", "3.5")
    'Weeks since the first purchase: 3.5'
    """
    wording = CURRENT.get()
    return f"{label}: {text}" if wording is None else wording.mark(": ").join((wording(label), wording(text)))


def one_line(text: str) -> str:
    """Lines as one; between two Chinese signs there is no space.

    Examples
    --------
    >>> one_line("two\\nlines"), one_line("超出隨機\\n波動")
    ('two lines', '超出隨機波動')
    """
    return _plain(_BETWEEN_SIGNS.sub("", text))


def in_lines(text: str) -> str:
    """A text of several lines, each in the language of the report that a figure is drawn for.

    Examples
    --------
    >>> in_lines("35 %\\nMay 2026")
    '35 %\\nMay 2026'
    """
    return "\n".join(map(in_words, text.split("\n")))


def _plain(text: str) -> str:
    return " ".join(text.split())


@functools.cache
def _literal_length(id: str) -> int:
    return len(FIELD.sub("", id))


def _is_weak(id: str) -> bool:
    """Whether a message also fits texts that were not made from it: it has few letters and numbers of its own."""
    numbers = sum(_COUNT.fullmatch(name) is not None for name in FIELD.findall(id))
    return _literal_length(id) + _PER_NUMBER * numbers < _FEW


def _are_single(values: Mapping[str, str]) -> bool:
    """Whether no value is more than one name or sentence, except for those that are lists."""
    return not any(
        (_CLAUSE.search(value) and name not in _LONG) or ("; " in value and name not in (*_LISTED, *_LONG))
        for name, value in values.items()
    )


def _first_word(id: str) -> str:
    """The first word of a message if no value is in it."""
    first = id.split(" ", 1)[0]
    return "" if FIELD.search(first) else first


def _as_pattern(id: str, value: str) -> str:
    """The regular expression of the texts that are made from a message, with the expression of its values."""
    pieces, names = FIELD.split(id), set()
    pattern = ""
    for position, piece in enumerate(pieces):
        if position % 2 == 0:
            pattern += re.escape(piece)
        elif piece in names:
            pattern += f"(?P={piece})"
        else:
            names.add(piece)
            kind = rf"{_NUMBER}(?:\s?%)?" if _COUNT.fullmatch(piece) else _KINDS.get(piece, value)
            pattern += f"(?P<{piece}>{kind})"
    return pattern
