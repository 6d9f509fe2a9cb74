"""The role of each column of a file, by its header and its values: `init` states what was chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from babel.numbers import list_currencies

from retention_kit.load.columns.header_words import folded, speaks_of
from retention_kit.load.sources.raw_table import Raw

ROWS: Final = 2000
"""Number of first rows of a file that are examined."""

# Currency signs and abbreviations that occur before or after an amount.
_SIGN: Final = r"(?:[A-Z]{0,3}[$€£¥￥₩₹₺₴₽฿₫₪₱₦৳]|Rs\.?|RM|zł|PLN|EUR|USD|kr\.?|Kč|Ft|lei|Fr\.?|元|円|圓)"
# An amount: brackets or a sign, a currency before or after it, digits with any separators.
_NUMBER: Final = (
    rf"^[(]?[-+−]?\s*(?P<before>{_SIGN}|[A-Z]{{3}}(?=[\s\d-]))?\s*[-−]?\d[\d.,'’\s]*"
    rf"\s*(?P<after>{_SIGN}|[A-Z]{{3}})?\s*[)-]?$"
)
# The beginning of a date: year first (also in Chinese characters and with years of Taiwan), numbers with the year
# last, or the name of a month before or after the day.
_MOMENT: Final = (
    r"^(?:(?:\d{4}|民國\s?\d{2,3}|0[89]\d|1[0-4]\d)\s?[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?!\d)|"
    r"(?:[^\W\d]{2,9}\.?,? )?\d{1,2}\.?[ -][^\W\d]{3,12}\.?,?[ -]\d{2,4}|[^\W\d]{3,12}\.? \d{1,2},? \d{4})"
)
_COUNTED: Final = r"^(?:(?:19|20)\d{6}|[2-7]\d{4}(?:[.]\d+)?|1\d{9}(?:\d{3})?)$"
"""A moment that is also a number: 20240501, days since 1900, seconds since 1970."""
_ADDRESS: Final = r"^[^@\s]+@[^@\s]+$"
"""An e-mail address."""
_EMPTY: Final = ("", "nan", "none", "null", "n/a", "<na>", "nat")
"""Texts of empty cells, in lower case."""
_PAID: Final = ("paid", "payment", "zahl", "pago", "paiement", "platn", "付款", "決済", "支払", "入金")
"""Words in headers of the moment of payment, which is a worse date of an order than the moment of ordering."""
_LEAST: Final = {"customer_id": 2.0, "ordered_at": 0.5, "amount": 1.0, "order_id": 2.5, "currency": 2.0}
"""Least score with which a column can have a role; a wrong order id or currency harms more than a missing one."""


@dataclass(frozen=True)
class Column:
    """A column of a file: its header and, over the first rows with a value, shares of kinds of values."""

    header: str
    filled: float = 0.0
    distinct: int = 0
    unique: float = 0.0
    mail: float = 0.0
    moment: float = 0.0
    counted: float = 0.0
    number: float = 0.0
    fraction: float = 0.0
    sign: float = 0.0
    mark: str = ""
    padded: float = 0.0
    spaced: float = 0.0
    code: float = 0.0
    small: bool = False
    example: str = ""

    def says(self, *subjects: str) -> bool:
        """Whether the header names one of these subjects."""
        return any(speaks_of(self.header, subject) for subject in subjects)


def columns_of(raw: Raw) -> tuple[Column, ...]:
    """Every column of an opened source, described from its first rows."""
    frame = raw.table.select(*raw.headers).limit(ROWS).to_pandas()
    return tuple(_column(header, frame[header]) for header in raw.headers)


def _column(header: str, values: pd.Series) -> Column:
    text = values.dropna().astype("str").str.strip()
    text = text[~text.str.lower().isin(_EMPTY)]
    if text.empty:
        return Column(header)
    timed = pd.api.types.is_datetime64_any_dtype(values.dtype)
    number = text.str.extract(_NUMBER)
    mark = number["before"].fillna(number["after"])
    is_currency = ~mark.str.fullmatch("[A-Z]{3}").fillna(False) | mark.isin(list_currencies())
    is_number = text.str.match(_NUMBER) & is_currency.astype(bool)
    mark = mark[is_number].dropna()
    plain = pd.to_numeric(text.where(is_number).str.replace(r"[^\d.]", "", regex=True), errors="coerce")
    moment = text.str.match(_MOMENT)
    return Column(
        header,
        filled=len(text) / len(values),
        distinct=text.nunique(),
        unique=text.nunique() / len(text),
        mail=text.str.match(_ADDRESS).mean(),
        moment=1.0 if timed else moment.mean(),
        counted=text.str.match(_COUNTED).mean(),
        number=0.0 if timed else (is_number & ~moment).mean(),
        fraction=text.str.contains(r"[.,]\d{1,2}\D*$").mean(),
        mark=mark.iloc[0] if mark.nunique() == 1 else "",
        sign=len(mark) / len(text),
        padded=text.str.match(r"^0\d").mean(),
        spaced=text.str.contains(r"\w\s+\w").mean(),
        code=text.str.upper().isin(list_currencies()).mean(),
        small=bool((plain.dropna() <= 20).all()),
        example=text.iloc[0][:60],
    )


def roles(columns: Sequence[Column]) -> dict[str, tuple[Column, ...]]:
    """For each column of the orders the columns of the file that could hold it, the most likely first.

    A column can be the most likely one for one role only; the moment is chosen first, then the money, then the
    customer.
    """
    weigh: dict[str, Callable[[Column], float]] = {
        "ordered_at": _moment,
        "amount": _amount,
        "customer_id": _customer,
        "order_id": _order,
        "currency": _currency,
    }
    candidates: dict[str, tuple[Column, ...]] = {}
    taken: set[str] = set()
    for name, weight in weigh.items():
        able = [(weight(column), column) for column in columns if column.header not in taken and column.filled]
        able = sorted([pair for pair in able if pair[0] >= _LEAST[name]], key=lambda pair: -pair[0])
        candidates[name] = tuple(column for _, column in able)
        taken |= {column.header for column in candidates[name][:1]}
    return candidates


def _moment(c: Column) -> float:
    dated = c.moment >= 0.8 or (c.counted >= 0.8 and c.says("moment"))
    if not dated:
        return -9.0
    score = 1.0 + 2.0 * c.says("moment") + 2.0 * c.says("order") - 0.5 * any(word in c.header.lower() for word in _PAID)
    return score - 2.5 * c.says("not_moment") - 4.0 * (1 - c.filled)


def _amount(c: Column) -> float:
    if c.number < 0.9 or c.padded > 0.2 or c.mail or (c.counted >= 0.99 and not c.says("amount")):
        return -9.0
    money = c.fraction > 0 or c.sign > 0.5
    score = 3.0 * c.says("amount") + 1.5 * c.says("whole") + 1.0 * (c.fraction > 0) + 1.5 * (c.sign > 0.5)
    taxed = c.says("not_amount") and not _with_tax(c.header)
    score += 1.0 * _names_currency(c.header) - 6.0 * taxed - 4.0 * (c.says("id") and not c.says("amount"))
    score -= 1.5 * (c.small and not money) + 4.0 * (1 - c.filled) + 0.7 * _is_net(c.header)
    score -= 1.5 * c.says("goods")  # goods only, besides a total that includes shipping
    return score if money or c.says("amount") else -9.0


def _customer(c: Column) -> float:
    if c.moment > 0.5 or (c.fraction > 0.5 and c.number > 0.5) or (c.distinct == 1 and c.unique < 0.2):
        return -9.0
    address = c.mail >= 0.8
    email = address or c.says("email")
    score = 0.0
    if c.says("customer"):
        score = 6.5 if c.says("id") or email else (4.0 if c.spaced > 0.5 else 6.0)
    elif address:
        score = 6.0
    elif email or c.says("phone"):
        score = 3.0
    elif c.says("name"):
        score = 2.5
    score -= 6.0 * (c.says("order") and not (c.says("customer") or address))
    score -= 6.0 * (c.says("not_customer") and not email) + 4.0 * c.says("status")
    return score - 6.0 * (1 - c.filled) - 0.5 * (c.unique == 1.0)


def _order(c: Column) -> float:
    if c.moment > 0.5 or c.mail > 0.5 or c.fraction > 0.3 or c.filled < 0.5 or c.unique < 0.2:
        return -9.0
    score = 3.0 * c.says("order") + 2.0 * c.says("id") + 1.0 * (c.unique == 1.0) - 5.0 * c.says("customer", "status")
    return score - 5.0 * c.says("not_amount", "name") - 2.0 * (c.spaced > 0.5)


def _currency(c: Column) -> float:
    return 3.0 * (c.code >= 0.95) + 1.0 * c.says("currency") if c.code >= 0.95 else -9.0


def _names_currency(header: str) -> bool:
    return folded(header) != folded(header, unit=False)


def _with_tax(header: str) -> bool:
    """Whether a header names a tax only to say that it is included."""
    return any(word in folded(header) for word in ("含稅", "含税", "税込", "ttc", "incl tax", "inkl mwst", "con iva"))


def _is_net(header: str) -> bool:
    text = folded(header)
    return any(word in text.split() for word in ("net", "netto", "ht")) or any(
        w in text for w in ("税抜", "未稅", "sin iva")
    )


def counts(table: Any, header: str) -> dict[str, int]:
    """The values of a column and their numbers of rows, the most frequent first."""
    counted = table.group_by(value=table[header].cast("string").strip()).aggregate(rows=lambda t: t.count())
    frame = counted.to_pandas().dropna().sort_values(["rows", "value"], ascending=[False, True])
    return {value: int(rows) for value, rows in zip(frame["value"], frame["rows"], strict=True) if value}


def shares(table: Any, header: str) -> dict[str, float]:
    """The values of a column and their shares, the most frequent first."""
    rows = counts(table, header)
    return {value: n / sum(rows.values()) for value, n in rows.items()}
