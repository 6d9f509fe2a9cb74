"""Pages of customers: one for each list, and an index of all lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from retention_kit import formats
from retention_kit.report import language
from retention_kit.report.actions.customer_lists import CustomerList
from retention_kit.report.actions.list_rules import TITLES
from retention_kit.report.html.summary.writer import Writer
from retention_kit.report.language import Language, gettext_noop, report_wording
from retention_kit.report.settings.config import Config

INDEX: Final = "customers.html"
_DIGITS, _HASH = 12, 64
"""Digits of a hash that are shown, and of all of it."""
_GROUPS: Final = {"act": gettext_noop("write"), "hold_out": gettext_noop("leave alone")}
_KINDS: Final = {
    "action": gettext_noop("Whom to contact"),
    "quiet": gettext_noop("Whom to contact"),
    "overdue": gettext_noop("Overdue"),
    "segment": gettext_noop("Segments"),
    "cohort": gettext_noop("Cohorts, by the first order"),
}
"""Kinds of lists in the order of the index, with their headings."""
_QUIET: Final = {"at_risk": gettext_noop("Going quiet"), "win_back": gettext_noop("Probably gone")}


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, a second line, and the key by which it is sorted."""

    text: str
    more: str = ""
    key: str = ""


@dataclass(frozen=True)
class Row:
    """One customer of a list, with the link to the customer's page if there is one."""

    id: str
    name: str
    about: str
    href: str
    why: str
    orders: Cell
    revenue: Cell
    last: Cell
    alive: Cell
    percent: int | None
    value: Cell
    group: str


@dataclass(frozen=True)
class Shown:
    """A list as its page and the index show it."""

    title: str
    heading: str
    customers: str
    money: str
    href: str
    files: tuple[tuple[str, str], ...]
    split: str
    rows: tuple[Row, ...] = ()


class View:
    """How lists are written in the language of the report, with amounts in the currency of the orders."""

    def __init__(self, config: Config, currency: str) -> None:
        self.config = config
        self.spoken: Language = language.of(config.language)
        # the sign of the currency once: a formatted amount takes ten times as long, and lists have thousands
        self.before, self.after = Writer(self.spoken, currency or None).money(7).split("7")
        self.months = float(config.parameters.get("months", 12))

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """What readers see of ids: hashes with 12 digits, or as many more as tell them apart."""
        known = set(ids)
        if not (self.config.customer_ids == "hashed" or self.config.hash_ids):
            return {id: id for id in known}
        digits = next((n for n in range(_DIGITS, _HASH) if len({id[:n] for id in known}) == len(known)), _HASH)
        return {id: id[:digits] for id in known}

    def money(self, x: Any, digits: int = 0) -> str:
        """An amount in the currency of the orders; empty if it is not known."""
        if pd.isna(x):
            return ""
        text = self.spoken.numerals(formats.number(abs(float(x)), digits))
        minus = formats.MINUS if x < 0 and any(digit in text for digit in "123456789") else ""
        return f"{minus}{self.before}{text}{self.after}"

    def between(self, low: Any, high: Any) -> str:
        """An interval of amounts, with the currency once; empty if it is not known."""
        if pd.isna(low) or pd.isna(high):
            return ""
        if low < 0 or high < 0:
            return self.spoken.gettext("%(low)s to %(high)s", low=self.money(low), high=self.money(high))
        first, last = (self.spoken.numerals(formats.number(float(x), 0)) for x in (low, high))
        return f"{self.before}{first}–{last}{self.after}"

    def count(self, x: Any) -> str:
        """A whole number."""
        return self.spoken.numerals(formats.count(float(x)))

    def percent(self, x: float) -> str:
        """A share."""
        return self.spoken.numerals(formats.percent(float(x)))

    def segment(self, name: Any) -> str:
        """The name of a segment; empty if there is none."""
        return "" if pd.isna(name) else report_wording.said(str(name), self.spoken.code)

    def horizon(self) -> str:
        """The heading of expected values."""
        return self.spoken.ngettext("Next %(n)s month", "Next %(n)s months", round(self.months))

    def title(self, listing: CustomerList) -> str:
        """What the customers of a list have in common, short."""
        if listing.kind == "action":
            return self.spoken.gettext(TITLES[listing.name])
        if listing.kind == "quiet":
            return self.spoken.gettext(_QUIET[listing.name])
        if listing.kind == "segment":
            return self.segment(listing.subject)
        if listing.kind == "cohort":
            is_month = len(listing.subject) == len("1998-06")
            return self.spoken.month(listing.subject) if is_month else listing.subject
        return self.spoken.gettext("Overdue customers")

    def heading(self, listing: CustomerList) -> str:
        """What a list says, as one or two sentences."""
        n, title = listing.customers, self.title(listing)
        spoken = self.spoken
        if listing.kind == "segment":
            first = spoken.ngettext(
                "%(n)s customer is in the segment “%(segment)s”.",
                "%(n)s customers are in the segment “%(segment)s”.",
                n,
                segment=title,
            )
        elif listing.kind == "cohort":
            first = spoken.ngettext(
                "%(n)s customer first bought in %(period)s.",
                "%(n)s customers first bought in %(period)s.",
                n,
                period=title,
            )
        elif listing.kind == "overdue":
            first = spoken.ngettext(
                "%(n)s customer has been silent for longer than usual.",
                "%(n)s customers have been silent for longer than usual.",
                n,
            )
        else:
            first = spoken.ngettext("%(title)s: %(n)s customer.", "%(title)s: %(n)s customers.", n, title=title)
        return str(spoken.together(first, self.stake(listing)))

    def stake(self, listing: CustomerList) -> str:
        """The sentence on the money that is expected; empty if it is not known."""
        if pd.isna(listing.money):
            return ""
        money = self.money(float(f"{listing.money:.3g}"))
        return self.spoken.ngettext(
            "In the next month %(money)s are expected of them.",
            "In the next %(n)s months %(money)s are expected of them.",
            round(self.months),
            money=money,
        )

    def shown(self, listing: CustomerList, pages: Mapping[str, str], *, rows: bool = False) -> Shown:
        """A list with the links of its page, which lies in a folder of its own."""
        files = tuple((file.rsplit("/", 1)[1], f"../{file}") for file in listing.files)
        split = ""
        if listing.kind == "action":
            act, alone = self.count(listing.act), self.count(listing.held_out)
            text = gettext_noop("Write to %(act)s; %(alone)s are left alone, so that the next report can compare.")
            split = self.spoken.gettext(text, act=act, alone=alone)
        return Shown(
            title=self.title(listing),
            heading=self.heading(listing),
            customers=self.count(listing.customers),
            money="" if pd.isna(listing.money) else self.money(float(f"{listing.money:.3g}")),
            href=listing.href,
            files=files,
            split=split,
            rows=tuple(self.rows(listing, pages)) if rows else (),
        )

    def rows(self, listing: CustomerList, pages: Mapping[str, str]) -> Iterable[Row]:
        """The first rows of a list, as many as its page may have."""
        table = listing.table if listing.table is not None else pd.DataFrame()
        rows = table.head(self.config.list_rows).to_dict("records")
        names = self.names(str(values["customer_id"]) for values in rows)
        for values in rows:
            yield self._row(values, listing, pages, names)

    def _row(
        self, values: Mapping[Any, Any], listing: CustomerList, pages: Mapping[str, str], names: Mapping[str, str]
    ) -> Row:
        id, alive = str(values["customer_id"]), values["probability_alive"]
        about = [text for text in (values.get(listing.extra), self.segment(values["segment"])) if text]
        group = _GROUPS.get(str(values.get("group")), "")
        interval = self.between(values["low"], values["high"])
        return Row(
            id=id,
            name=names[id],
            about=", ".join(str(text) for text in about if not pd.isna(text)),
            href=pages.get(id, ""),
            why=self.why(values),
            orders=Cell(self.count(values["orders"]), key=str(int(values["orders"]))),
            revenue=Cell(self.money(values["revenue"]), key=f"{values['revenue']:.15g}"),
            last=Cell(self.days_ago(int(values["days_since_last"])), key=str(int(values["days_since_last"]))),
            alive=Cell("" if pd.isna(alive) else self.percent(alive), key="" if pd.isna(alive) else f"{alive:.4f}"),
            percent=None if pd.isna(alive) else round(100 * alive),
            value=Cell(self.money(values["expected_value"]), interval, _key(values["expected_value"])),
            group=self.spoken.as_is(group),
        )

    def days_ago(self, days: int) -> str:
        """How long ago a day was."""
        return self.spoken.ngettext("%(n)s day ago", "%(n)s days ago", days)

    def why(self, values: Mapping[Any, Any]) -> str:
        """How the silence of a customer compares with the customer's own rhythm."""
        days, orders = int(values["days_since_last"]), int(values["orders"])
        if days < 1:
            return self.spoken.ngettext(
                "%(n)s order, the last on the last day", "%(n)s orders, the last on the last day", orders
            )
        if pd.notna(values["usual_gap"]):
            return self.spoken.ngettext(
                "Usually buys every %(usual)s days, silent for %(n)s day",
                "Usually buys every %(usual)s days, silent for %(n)s days",
                days,
                usual=self.count(round(values["usual_gap"])),
            )
        silent = self.spoken.ngettext("silent for %(n)s day", "silent for %(n)s days", days)
        return self.spoken.ngettext("%(n)s order, %(silent)s", "%(n)s orders, %(silent)s", orders, silent=silent)


def grouped(view: View, lists: Sequence[CustomerList]) -> list[tuple[str, list[Shown]]]:
    """The lists of the index under their headings."""
    by_kind = {kind: [view.shown(listing, {}) for listing in lists if listing.kind == kind] for kind in _KINDS}
    return [(view.spoken.gettext(_KINDS[kind]), shown) for kind, shown in by_kind.items() if shown]


def _key(x: Any) -> str:
    return "" if pd.isna(x) else f"{x:.15g}"
