"""Write sentences and values in a language: numbers, money and months by CLDR, messages from the catalogue."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from markupsafe import Markup, escape

from retention_kit.formats import MINUS, MISSING, SPACE
from retention_kit.report.html.summary.sentences import Sentence, Value
from retention_kit.report.language import Language, gettext_noop
from retention_kit.report.language.language import sign
from retention_kit.report.numbers.verdicts import one_in

IN_MONTH: Final = (
    gettext_noop("in January"), gettext_noop("in February"), gettext_noop("in March"), gettext_noop("in April"),
    gettext_noop("in May"), gettext_noop("in June"), gettext_noop("in July"), gettext_noop("in August"),
    gettext_noop("in September"), gettext_noop("in October"), gettext_noop("in November"), gettext_noop("in December"),
)  # fmt: skip
"""Months as a sentence says when something was; the two other cases are in CLDR."""
_BUTTON: Final = re.compile(r"[(（「“„]?<button [^>]*>[^<]*</button><span popover.*?</span></span>[^\s<\w]*", re.DOTALL)
"""A number that opens what is behind it, with the punctuation around it: no line breaks between them."""
_CODE: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")
"""Between a currency that is written in letters and its amount."""
_SHORT: Final = 10_000
"""From here on Polish separates thousands."""


@dataclass
class Writer:
    """Writes for one page: popovers have numbers that are used once."""

    language: Language
    currency: str | None = None
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # --- sentences

    def text(self, sentence: Sentence) -> str:
        """A sentence as plain text."""
        return self._filled(sentence, {name: self.value(value) for name, value in sentence.values.items()})

    def html(self, sentence: Sentence) -> Markup:
        """A sentence as HTML: a value with something behind it is a button that opens it."""
        text = self._filled(sentence, {name: self._shown(value) for name, value in sentence.values.items()})
        return Markup(_BUTTON.sub(r'<span class="unbroken">\g<0></span>', text))

    def _filled(self, sentence: Sentence, values: dict[str, str]) -> str:
        if sentence.plural:
            return self.language.ngettext(sentence.message, sentence.plural, sentence.n, **values)
        return self.language.gettext(sentence.message, **values)

    def _shown(self, value: Value) -> Markup:
        text = escape(self.value(value))
        if not value.behind:
            return text
        name = f"behind-{next(self.numbers)}"
        lines = Markup("").join(Markup("<span>{}</span>").format(self.text(line)) for line in value.behind)
        return Markup(
            '<button type="button" class="number" popovertarget="{}">{}</button>'
            '<span popover id="{}" class="behind">{}</span>'
        ).format(name, text, name, lines)

    # --- values

    def value(self, value: Value) -> str:
        """A value as text."""
        return _KINDS[value.kind](self, value.data)

    def decimal(self, x: float, digits: int = 0) -> str:
        """A number with a number of digits after the mark."""
        if math.isnan(x):
            return MISSING
        code, rounded = self.language.code, round(abs(x), digits)
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        grouped = not (code == "pl" and rounded < _SHORT)
        text = format_decimal(rounded, pattern, self._locale, group_separator=grouped)
        return f"{MINUS}{text}" if x < 0 and rounded else text

    def money(self, x: float, digits: int = 0) -> str:
        """Money with its currency, if that is known."""
        if self.currency is None or math.isnan(x):
            return self.decimal(x, digits)
        code, rounded = self.language.code, round(abs(x), digits)
        pattern = str(self._locale.currency_formats["standard"].pattern).split(";")[0]
        pattern = pattern.replace(".00", "." + "0" * digits if digits else "")
        grouped = not (code == "pl" and rounded < _SHORT)
        text = format_currency(
            rounded, self.currency, pattern, self._locale, currency_digits=False, group_separator=grouped
        )
        text = text.replace(get_currency_symbol(self.currency, self._locale), sign(self.currency, code))
        text = _CODE.sub(SPACE, text)
        return f"{MINUS}{text}" if x < 0 and rounded else text

    def percent(self, x: float, digits: int = 0) -> str:
        """A share in per cent."""
        pattern = str(self._locale.percent_formats[None].pattern)
        return MISSING if math.isnan(x) else pattern.replace("#,##0", self.decimal(100 * x, digits))

    def signed(self, text: str, x: float) -> str:
        """A number with a plus sign if it is above zero as it is written."""
        return f"+{text}" if x > 0 and any(digit in text for digit in "123456789") else text

    def change(self, x: float) -> str:
        """A relative change: whole per cent from 100 % on."""
        return self.signed(self.size(x) if x >= 0 else f"{MINUS}{self.size(x)}", x)

    def size(self, x: float) -> str:
        """The size of a relative change."""
        return self.percent(abs(x), 0 if abs(x) >= 0.9995 else 1)

    def expected(self, x: float) -> str:
        """Expected money in three digits."""
        return self.money(_three(x))

    def expected_range(self, ends: tuple[float, float]) -> str:
        """An interval of expected money, both ends rounded to the unit of the third digit of the larger; empty where an
        end is not known."""
        if any(map(math.isnan, ends)):
            return ""
        step = _step(max(map(abs, ends)))
        low, high = (round(end / step) * step for end in ends)
        return self.between(low, high, self.money, self.decimal)

    def money_range(self, ends: tuple[float, float]) -> str:
        """An interval of money in whole units."""
        return self.between(ends[0], ends[1], self.money, self.decimal)

    def between(
        self, low: float, high: float, whole: Callable[[float], str], plain: Callable[[float], str] | None = None
    ) -> str:
        """An interval: a dash between numbers without a sign, the unit only once."""
        if math.isnan(low) or math.isnan(high):
            return ""
        if low < 0 or high < 0:
            ends = {"low": self.signed(whole(low), low), "high": self.signed(whole(high), high)}
            return self.language.gettext("%(low)s to %(high)s", **ends)
        first, last = whole(low), whole(high)
        if plain is not None and first.endswith(plain(low)):
            last = plain(high)
        elif plain is not None and first.startswith(plain(low)):
            first = plain(low)
        return f"{first}–{last}"

    def in_unit(self, pair: tuple[float, str]) -> str:
        """A number in its unit, as tiles show it."""
        x, unit = pair
        if math.isnan(x):
            return MISSING
        if unit == "money":
            return self.money(x)
        if unit == "rate":
            return self.percent(x)
        if unit == "score":
            return self.signed(self.decimal(x), x)
        return self.decimal(x, 0 if unit in ("count", "days") else 2)

    def unit_range(self, given: tuple[float, float, str]) -> str:
        """The interval of a number in its unit; of money both ends are rounded to three digits of the larger."""
        low, high, unit = given
        if math.isnan(low) or math.isnan(high):
            return ""
        if unit == "money":
            return self.expected_range((low, high))
        if unit == "rate":
            return self.between(low, high, self.percent, lambda x: self.decimal(100 * x))
        if unit == "score":
            return self.between(low, high, self.decimal)
        return self.between(low, high, lambda x: self.decimal(x, 0 if unit == "count" else 2))

    def unit_change(self, given: tuple[float, float, str]) -> str:
        """The change of a number, without its sign: relative for money and counts, else points."""
        now, before, unit = given
        if unit in ("rate", "score"):
            size = round(abs(now - before) * (100 if unit == "rate" else 1))
            n = self.decimal(size)
            if unit == "rate":
                return self.language.ngettext("%(n)s percentage point", "%(n)s percentage points", size, n=n)
            return self.language.ngettext("%(n)s point", "%(n)s points", size, n=n)
        if unit in ("money", "count") and before:
            return self.size((now - before) / abs(before))
        return self.decimal(abs(now - before), 2)

    def chance(self, p: float) -> str:
        """How often chance alone would do as much: 1 in k, with k of one digit."""
        k = one_in(p)
        if k is None:
            return self.language.gettext("less than 1 in %(k)s", k=self.decimal(1000))
        if k < 2:
            return self.language.gettext("more than 1 in 2")
        return self.language.gettext("about 1 in %(k)s", k=self.decimal(k))

    def label(self, text: str) -> str:
        """A text of the report or of a notebook, translated."""
        translation = self.language.as_is(text)
        return self.language.translated(text) if translation == text else translation

    # --- months

    def month(self, month: str, pattern: str = "LLLL") -> str:
        """The name of a month, alone."""
        return self._month(month, pattern)

    def month_year(self, month: str) -> str:
        """A month with its year, alone."""
        return self.language.month(month)

    def of_month(self, month: str) -> str:
        """The name of a month as a preposition asks for it."""
        return self._month(month, "MMMM")

    def of_month_year(self, month: str) -> str:
        """A month with its year as a preposition asks for it."""
        return self._dated(self.of_month(month), month)

    def in_month(self, month: str) -> str:
        """When something was."""
        return self.language.gettext(IN_MONTH[int(month[5:7]) - 1])

    def in_month_year(self, month: str) -> str:
        """When something was, with the year."""
        return self._dated(self.in_month(month), month)

    def axis_month(self, month: str) -> str:
        """A short name of a month with its year, for rows of a table."""
        return self._month(month, "y/M" if self.language.code == "zh-Hant" else "LLL y")

    def short_month(self, month: str) -> str:
        """A short name of a month, for axes."""
        return self._month(month, "LLL")

    def _dated(self, name: str, month: str) -> str:
        return self.language.gettext("%(month)s %(year)s", month=name, year=month[:4])

    def _month(self, month: str, pattern: str) -> str:
        text = format_date(date.fromisoformat(f"{month}-01"), pattern, self._locale)
        return text.replace("月", "\u00a0月") if self.language.code == "zh-Hant" else text

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.language.code, sep="-")


def _step(size: float) -> float:
    """The unit of the third digit of a number; at least 1."""
    return float(max(10 ** (math.floor(math.log10(size)) - 2), 1)) if size >= 1 else 1.0


def _three(x: float) -> float:
    return x if math.isnan(x) else round(x / _step(abs(x))) * _step(abs(x))


_KINDS: Final[dict[str, Callable[[Writer, Any], str]]] = {
    "money": Writer.money,
    "signed_money": lambda writer, x: writer.signed(writer.money(x), x),
    "expected": Writer.expected,
    "expected_range": Writer.expected_range,
    "range": Writer.money_range,
    "change": Writer.change,
    "size_of_change": Writer.size,
    "share": Writer.percent,
    "points": lambda writer, x: writer.decimal(x),
    "count": Writer.decimal,
    "decimal": lambda writer, x: writer.decimal(x, 2),
    "score": lambda writer, x: writer.signed(writer.decimal(x), x),
    "number": lambda writer, x: writer.decimal(x, 1),
    "month": Writer.month,
    "of_month": Writer.of_month,
    "in_month": Writer.in_month,
    "month_year": Writer.month_year,
    "of_month_year": Writer.of_month_year,
    "in_month_year": Writer.in_month_year,
    "day": lambda writer, day: writer.language.day(day),
    "chance": Writer.chance,
    "label": Writer.label,
    "text": lambda _, text: str(text),
    "unit_range": Writer.unit_range,
    "in_unit": Writer.in_unit,
    "unit_change": Writer.unit_change,
}
