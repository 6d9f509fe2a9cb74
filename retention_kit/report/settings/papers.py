"""The paper of printed pages."""

from __future__ import annotations

from typing import Final

from retention_kit.report.settings.config import Config

_LETTER: Final = frozenset(("USD", "CAD", "MXN", "PHP", "CLP", "COP", "CRC", "GTQ", "NIO", "PAB", "SVC", "VES", "BZD"))
"""Currencies of the countries that print on US Letter, by the Unicode locale data (CLDR)."""
_SIZES: Final = {"a4": "A4", "letter": "letter"}


def of(config: Config) -> str:
    """The paper of a report, as CSS names it: the one that was chosen, otherwise by language and currency.

    Letter is used where the language is English and the currency is that of a country that prints on Letter; everybody
    else prints on A4.

    Examples
    --------
    >>> of(Config()), of(Config(currency="USD")), of(Config(currency="USD", language="pl")), of(Config(paper="letter"))
    ('A4', 'letter', 'A4', 'letter')
    """
    if config.paper != "auto":
        return _SIZES[config.paper]
    return "letter" if config.language == "en" and config.currency in _LETTER else "A4"
