"""A language: messages from its catalogue (gettext), dates and number formats from Babel (CLDR)."""

from __future__ import annotations

import functools
import gettext
import io
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_currency_symbol, get_decimal_symbol
from markupsafe import Markup

from retention_kit import formats, wording
from retention_kit.metrics.catalogue import CATALOGUE

_DATES: Final = {
    "en": ("LLLL y", "d MMMM y"),
    "zh-Hant": ("y\u00a0年\u00a0M\u00a0月", "y\u00a0年\u00a0M\u00a0月\u00a0d\u00a0日"),
    "pl": ("LLLL y", "d MMMM y"),
}
"""Patterns of a month and of a day, in the notation of CLDR."""
_NUMBER: Final = re.compile(r"<mn>[^<]*</mn>")
"""A number in a MathML formula."""
_ONE_LETTER: Final = re.compile(r"(?<![^\s(„])([aiouwzAIOUWZ]) ")
"""A Polish word of one letter, which must not end a line, and the space after it."""
CATALOGUES: Final = Path(__file__).parent
_ONE_MONTH: Final = re.compile(r"(?<![\d,\u00a0])1 miesięcy")
"""One month in a Polish message for any number of months."""
VARIES: Final = re.compile(r"\d+|\w*NBD\b")
"""The parts of a label that parameters change, such as an age or the name of a model; its message has # there."""


@dataclass(frozen=True)
class Language:
    """A language by its code; English needs no catalogue, since messages are written in English."""

    code: str

    def gettext(self, message: str, **values: Any) -> str:
        """A message with its values, by the rules of jinja2's templates: a per cent sign is written twice."""
        return self._finished(_messages(self.code).gettext(message) % values)

    def ngettext(self, singular: str, plural: str, n: int, /, **values: Any) -> str:
        """A message in the grammatical form for a number, which replaces ``%(n)s``."""
        filled = _messages(self.code).ngettext(singular, plural, n) % {"n": self.numerals(f"{n:,}"), **values}
        return self._finished(filled)

    def _finished(self, text: str) -> str:
        """A filled message; in Polish one month is in the singular."""
        return _ONE_MONTH.sub("1 miesiąca", text) if self.code == "pl" else text

    def translated(self, text: str) -> str:
        """A text of a notebook: translated if the notebook came with the package, otherwise as its author wrote it.

        Examples
        --------
        >>> of("pl").translated("Back at age 12"), of("pl").translated("Discounts, 100 %")
        ('Powroty w\\xa012. okresie', 'Discounts, 100 %')
        >>> of("en").translated("MBGNBD alpha")
        'MBG/NBD alpha'
        """
        message = VARIES.sub("#", text)
        if message == text:
            return self.as_is(text)
        translation = self.as_is(message)
        if translation == message and "#" in text:
            return text
        parts = iter(wording.MODELS.get(part, part) for part in VARIES.findall(text))
        return re.sub("#", lambda _: next(parts), translation)

    def as_is(self, text: str) -> str:
        """The translation of a text without placeholders; the text itself if there is none."""
        return _messages(self.code).gettext(text) if text else ""

    def metric(self, name: str, label: str) -> str:
        """Name of a number: its label, otherwise its metric's name in the catalogue of metrics.

        Examples
        --------
        >>> of("zh-Hant").metric("response_rate", "Response rate"), of("en").metric("nps", "NPS")
        ('回覆率', 'NPS')
        """
        entry = CATALOGUE.get(name)
        if self == ENGLISH or entry is None or label.lower() not in (entry.en.lower(), name):
            return self.translated(label)
        translated = {"zh-Hant": entry.zh, "pl": entry.pl}[self.code]
        return translated[0].upper() + translated[1:]

    def dimension(self, column: str) -> str:
        """The name of a column by which a report is split: translated if it is a common one, otherwise as it is.

        Examples
        --------
        >>> of("pl").dimension("country"), of("zh-Hant").dimension("Country"), of("pl").dimension("shop_floor")
        ('kraj', '國家', 'shop_floor')
        """
        message = f"column: {column.lower()}"
        return self.as_is(message) if self != ENGLISH and message in DIMENSIONS else column

    def month(self, month: str) -> str:
        """A month ``YYYY-MM`` in words.

        Examples
        --------
        >>> [of(code).month("1998-06") for code in ("en", "zh-Hant", "pl")]
        ['June 1998', '1998\\xa0年\\xa06\\xa0月', 'czerwiec 1998']
        """
        return format_date(date.fromisoformat(f"{month}-01"), _DATES[self.code][0], self._locale)

    def day(self, day: date) -> str:
        """A day in words.

        Examples
        --------
        >>> of("pl").day(date(1998, 6, 30))
        '30 czerwca 1998'
        """
        return format_date(day, _DATES[self.code][1], self._locale)

    def listing(self, items: Iterable[str]) -> str:
        """Names in a row, as the language writes a list.

        Examples
        --------
        >>> [of(code).listing(["NPS", "MRR", "ARR"]) for code in ("en", "pl", "zh-Hant")]
        ['NPS, MRR, and ARR', 'NPS, MRR i ARR', 'NPS、MRR和ARR']
        """
        return format_list(list(items), "standard", self._locale)

    def joined(self, parts: Iterable[str]) -> str:
        """Facts about one thing in a row, such as the name of a number, its month and its interval.

        Examples
        --------
        >>> of("pl").joined(["NPS", "maj 2026"]), of("zh-Hant").joined(["NPS", "2026 年 5 月"])
        ('NPS, maj 2026', 'NPS，2026 年 5 月')
        """
        return ("，" if self._locale.language == "zh" else ", ").join(parts)

    def together(self, *sentences: str) -> Markup | str:
        """Sentences one after the other; Chinese has no space between them.

        Examples
        --------
        >>> of("pl").together("Jeden.", "", "Dwa."), of("zh-Hant").together("一。", "二。")
        ('Jeden. Dwa.', '一。二。')
        """
        space = "" if self._locale.language == "zh" else " "
        parts = [sentence for sentence in sentences if sentence]
        return (Markup(space) if any(isinstance(part, Markup) for part in parts) else space).join(parts)

    def numerals(self, written: str) -> str:
        """A number as the report writes it in English, with the separators of the language.

        Examples
        --------
        >>> of("pl").numerals("12,345.50"), of("pl").numerals("12.3\\xa0%"), of("en").numerals("12.3\\xa0%")
        ('12\\xa0345,50', '12,3%', '12.3\\xa0%')
        """
        return written if self == ENGLISH else wording.numerals(written, self.code)

    def money(self, x: float, currency: str, digits: int) -> str:
        """An amount with the sign of its currency where the language puts it; without a currency a plain number.

        Examples
        --------
        >>> of("en").money(39210.75, "EUR", 0), of("pl").money(-39210.75, "PLN", 0), of("zh-Hant").money(41.2, "TWD", 2)
        ('€39,211', '−39\\xa0211\\xa0zł', 'NT$41.20')
        """
        if self == ENGLISH or not currency or math.isnan(x):
            return self.numerals(formats.money(x, currency, digits))
        symbol, pattern = sign(currency, self.code), self._locale.currency_formats["standard"]
        before, after = (text.replace("¤", symbol) for text in (pattern.prefix[0], pattern.suffix[0]))
        before += formats.SPACE if before[-1:].isalpha() else ""
        amount = self.numerals(formats.number(x, digits))
        minus = formats.MINUS if amount.startswith(formats.MINUS) else ""
        return f"{minus}{before}{amount.removeprefix(formats.MINUS)}{after}"

    def formula(self, mathml: str) -> str:
        """A formula with the decimal mark of the language in its numbers."""
        mark = get_decimal_symbol(self._locale)
        return _NUMBER.sub(lambda number: number[0].replace(".", mark), mathml)

    def install(self, templates: Any) -> None:
        """Add the language to the templates of a jinja2 environment: ``{% trans %}``, translated, numerals and
        month."""
        templates.add_extension("jinja2.ext.i18n")
        spoken = _messages(self.code)
        templates.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)
        templates.globals |= {"translated": self.translated, "numerals": self.numerals, "month_name": self.month}
        templates.globals["together"] = self.together

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self.code, sep="-")


def sign(currency: str, code: str) -> str:
    """The sign of a currency in a language; in Taiwan, too, the dollars of other countries are told apart.

    Examples
    --------
    >>> sign("PLN", "pl"), sign("TWD", "zh-Hant"), sign("USD", "zh-Hant")
    ('zł', 'NT$', 'US$')
    """
    return formats.SYMBOLS["TWD"] if currency == "TWD" else get_currency_symbol(currency, Locale.parse(code, sep="-"))


ENGLISH: Final = Language("en")


@functools.cache
def of(code: str) -> Language:
    """The language with a code of `LANGUAGES`."""
    return Language(code)


@functools.cache  # a catalogue is read once, not for each message
def _messages(code: str) -> gettext.NullTranslations:
    if code == ENGLISH.code:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(CATALOGUES / f"{code}.po", code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def catalogue(path: Path, code: str) -> Catalog:
    """A file of translations; in Polish a word of one letter stays on the line of the next word."""
    with path.open("rb") as file:
        translations = read_po(file, locale=code.replace("-", "_"))
    if code == "pl":
        for entry in translations:
            bound = tuple(_ONE_LETTER.sub("\\1\u00a0", form) for form in forms(entry.string))
            entry.string = bound if isinstance(entry.string, tuple) else bound[0]
    return translations


def forms(text: Any) -> tuple[str, ...]:
    """The forms of a message or of its translation: several if a number chooses between them."""
    return tuple(text) if isinstance(text, (tuple, list)) else (text or "",)


def gettext_noop(message: str) -> str:
    """Mark a text for translation, which happens where it is shown."""
    return message


DIMENSIONS: Final = (
    gettext_noop("column: brand"),
    gettext_noop("column: category"),
    gettext_noop("column: channel"),
    gettext_noop("column: city"),
    gettext_noop("column: country"),
    gettext_noop("column: device"),
    gettext_noop("column: plan"),
    gettext_noop("column: platform"),
    gettext_noop("column: product"),
    gettext_noop("column: region"),
    gettext_noop("column: segment"),
    gettext_noop("column: source"),
    gettext_noop("column: store"),
)
"""Common names of columns by which a report is split; as messages they differ from the same words in the data."""


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """Mark a text with a counted noun for translation, which happens where it is shown."""
    return singular, plural
