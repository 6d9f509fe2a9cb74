"""Currencies as amounts show them: signs and abbreviations, and how many decimals a currency has."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""Decimals of the currencies that do not have two (ISO 4217, List One)."""

_DIGITS_OF = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}
_IN_WHOLE = ("TWD", "IDR", "HUF", "COP")
"""Currencies with two decimals in ISO 4217 whose prices have none, since such coins are out of use."""

_SIGNS = {
    "$": "USD CAD AUD NZD SGD HKD MXN ARS", "US$": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD",
    "NZ$": "NZD", "MX$": "MXN", "NT$": "TWD", "HK$": "HKD", "S$": "SGD", "SG$": "SGD", "R$": "BRL", "RD$": "DOP",
    "€": "EUR", "EURO": "EUR", "EUROS": "EUR", "£": "GBP EGP", "¥": "JPY CNY", "JP¥": "JPY", "CN¥": "CNY", "円": "JPY",
    "元": "CNY TWD", "圓": "TWD HKD", "RMB": "CNY", "₩": "KRW", "원": "KRW", "₹": "INR", "RS": "INR PKR LKR NPR MUR",
    "₨": "PKR LKR NPR MUR", "₱": "PHP", "₦": "NGN", "৳": "BDT", "TK": "BDT", "RM": "MYR", "RP": "IDR", "฿": "THB",
    "₫": "VND", "Đ": "VND", "₺": "TRY", "TL": "TRY", "₽": "RUB", "РУБ": "RUB", "Р": "RUB", "₴": "UAH", "ГРН": "UAH",
    "₪": "ILS", "₸": "KZT", "₮": "MNT", "₾": "GEL", "֏": "AMD", "₼": "AZN", "₡": "CRC", "₲": "PYG", "GS": "PYG",
    "₵": "GHS", "GH₵": "GHS", "៛": "KHR", "₭": "LAK", "﷼": "SAR IRR OMR QAR YER", "KSH": "KES", "TSH": "TZS",
    "USH": "UGX", "R": "ZAR", "ZŁ": "PLN", "ZL": "PLN", "KČ": "CZK", "FT": "HUF", "LEI": "RON MDL", "LEU": "RON MDL",
    "ЛВ": "BGN", "LV": "BGN", "DIN": "RSD", "ДИН": "RSD", "ДЕН": "MKD", "KM": "BAM", "KR": "SEK NOK DKK ISK",
    "FR": "CHF", "SFR": "CHF", "S/": "PEN", "BS": "BOB VES", "Q": "GTQ", "KD": "KWD", "BD": "BHD", "JD": "JOD",
    "DT": "TND", "DH": "AED MAD", "DHS": "AED MAD", "SR": "SAR",
}  # fmt: skip
"""Signs and abbreviations in capitals, without spaces and full stops, and the currencies that they mean."""

_WITHOUT = ("¥", "JP¥", "円", "元", "圓", "₩", "원", "₫", "NT$", "RP", "FT", "₲")
"""Signs of currencies whose amounts are written without decimals."""

SYMBOLS = "$€£¥₩₹₺₴₽฿₫₪₱₦৳₡₲₵₸₮₾֏₼៛₭₨﷼"


def digits_of(code: str | None) -> int:
    """Decimals of a currency by ISO 4217; two where it is not known.

    Examples
    --------
    >>> digits_of("JPY"), digits_of("kwd"), digits_of("EUR"), digits_of(None)
    (0, 3, 2, 2)
    """
    return _DIGITS_OF.get((code or "").upper(), 2)


def written_without_decimals(code: str) -> bool:
    """Whether amounts in a currency are whole, by ISO 4217 or in practice.

    Examples
    --------
    >>> written_without_decimals("JPY"), written_without_decimals("TWD"), written_without_decimals("EUR")
    (True, True, False)
    """
    return digits_of(code) == 0 or code.upper() in _IN_WHOLE


def currencies_of(sign: str) -> frozenset[str] | None:
    """The currencies that a sign in front of or behind an amount can mean; None where it is no such sign.

    Examples
    --------
    >>> sorted(currencies_of("zł")), sorted(currencies_of("Rs.")), currencies_of("pieces")
    (['PLN'], ['INR', 'LKR', 'MUR', 'NPR', 'PKR'], None)
    """
    short = re.sub("[ .]", "", sign).upper()
    if short in _SIGNS:
        return frozenset(_SIGNS[short].split())
    if re.fullmatch("[A-Z]{3}", sign) or (re.fullmatch("[A-Z]{3}", short) and _is_code(short)):
        return frozenset([short])
    code = short.strip(SYMBOLS)
    if code != short and re.fullmatch("[A-Z]{0,3}", code):
        return frozenset([code if _is_code(code) else short])
    return None


def known_signs(written: Iterable[str]) -> tuple[dict[str, frozenset[str]], list[str]]:
    """The meanings of the signs of a column ('in front|behind'), and the signs without one."""
    meanings, unknown = {}, []
    for pair in written:
        sides = [currencies_of(side) for side in _sides(pair)]
        if None in sides:
            unknown.append(pair)
        elif sides:
            meanings[pair] = frozenset.intersection(*(side for side in sides if side)) or frozenset(pair)
    return meanings, unknown


def shows_no_decimals(pair: str) -> bool:
    """Whether the sign of a pair is that of a currency without decimals."""
    return any(re.sub("[ .]", "", side).upper() in _WITHOUT for side in _sides(pair))


def _sides(pair: str) -> list[str]:
    """The signs before and after a number, without its brackets, minus and plus; empty ones are left out."""
    return [side for side in (side.strip(" ()+-.,'’") for side in pair.split("|")) if side]


def _is_code(code: str) -> bool:
    """Whether ISO 4217 has the code."""
    from babel.numbers import list_currencies  # only amounts with signs need it

    return code in list_currencies()
