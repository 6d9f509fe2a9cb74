"""Time zones as exports write them behind a moment: +02:00, GMT+5:30, CEST, Europe/Warsaw, Eastern Time (US & Canada).

What is written is either a number of minutes ahead of UTC or the name of a zone with summer time. An abbreviation that
several countries use (IST, CST, BST) is read only where the business time zone is one of those that use it.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_MINUTES = {
    "Z": 0, "UTC": 0, "UT": 0, "GMT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MET": 60, "MEST": 120,
    "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "OEZ": 120, "OESZ": 180, "MSK": 180, "TRT": 180, "SAST": 120,
    "CAT": 120, "EAT": 180, "PKT": 300, "WIB": 420, "WITA": 480, "WIT": 540, "HKT": 480, "JST": 540, "KST": 540,
    "AWST": 480, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
    "EST": -300, "EDT": -240, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480,
    "HST": -600, "NST": -210, "NDT": -150, "BRT": -180, "ART": -180,
}  # fmt: skip
"""Minutes ahead of UTC of the abbreviations that exports use for one zone: those of Europe, those of RFC 5322 section
4.3 for America but the Central ones, and those that one country alone uses."""

_SEVERAL = {
    "IST": "India, Ireland or Israel",
    "CST": "America, China or Cuba",
    "CDT": "America or Cuba",
    "BST": "Britain or Bangladesh",
    "AST": "America or Arabia",
    "ADT": "America or Arabia",
    "SST": "Singapore or Samoa",
    "GST": "the Gulf or South Georgia",
    "ECT": "Ecuador or the Eastern Caribbean",
    "AMT": "Armenia or the Amazon",
    "WAT": "West Africa, or Western Australia",
    "WST": "Western Australia or Samoa",
}
"""Abbreviations of several zones, and where each is used."""

_AMERICAN = {
    "newfoundland": "America/St_Johns", "atlantic time": "America/Halifax", "eastern time": "America/New_York",
    "central time": "America/Chicago", "mountain time": "America/Denver", "pacific time": "America/Los_Angeles",
    "alaska": "America/Anchorage", "hawaii": "Pacific/Honolulu", "arizona": "America/Phoenix",
}  # fmt: skip
"""Names that Square and others write out, mostly followed by (US & Canada)."""

_HOMES = (
    "Europe/Berlin", "Europe/London", "Europe/Helsinki", "Europe/Moscow", "America/New_York", "America/Chicago",
    "America/Denver", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "Australia/Sydney",
    "Australia/Adelaide", "Australia/Perth", "Asia/Tokyo", "Asia/Hong_Kong", "Pacific/Auckland",
)  # fmt: skip
"""Zones with summer time and abbreviations of their own, one for each set of abbreviations."""

# an offset from UTC: GMT+5:30, +02:00, (UTC-8)
_OFFSET = re.compile(r"\(?(?:GMT|UTC|UT)? ?([+-])([0-9]{1,2})(?::?([0-9]{2}))?\)?(?=$|[^0-9:])", re.IGNORECASE)
_IN_BRACKETS = re.compile(r" ?[(\[][^)\]]*[)\]]$")


@dataclass(frozen=True)
class Zones:
    """What the zones of a column mean: minutes ahead of UTC, names of zones, and abbreviations of several."""

    minutes: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    unclear: Mapping[str, str] = field(default_factory=dict)

    @property
    def ahead(self) -> bool:
        """Whether any zone is not UTC."""
        return bool(self.names) or any(self.minutes.values())


def zones_of(written: Iterable[str], business: str) -> Zones:
    """What each of the written zones means to a business in a time zone; unknown zones are left out.

    Examples
    --------
    >>> zones_of(["GMT+5:30", "CEST", "+0200 (heure d'été)", "Eastern Time (US & Canada)", "XYZ"], "UTC")
    ... # doctest: +NORMALIZE_WHITESPACE
    Zones(minutes={'GMT+5:30': 330, 'CEST': 120, "+0200 (heure d'été)": 120},
        names={'Eastern Time (US & Canada)': 'America/New_York'}, unclear={})
    >>> zones_of(["IST"], "UTC").unclear, zones_of(["IST"], "Asia/Kolkata").minutes
    ({'IST': 'India, Ireland or Israel'}, {'IST': 330})
    """
    minutes, names, unclear = {}, {}, {}
    for zone in written:
        meaning = _meaning(zone, business)
        if isinstance(meaning, int):
            minutes[zone] = meaning
        elif meaning is not None:
            names[zone] = meaning
        elif _bare(zone) in _SEVERAL:
            unclear[zone] = _SEVERAL[_bare(zone)]
    return Zones(minutes, names, unclear)


def home_of(written: Iterable[str]) -> str | None:
    """The one time zone that the rows of an account name, if they name one: CET and CEST are that of Berlin.

    Examples
    --------
    >>> home_of(["CET", "CEST"]), home_of(["PDT"]), home_of(["Europe/Warsaw"]), home_of(["GMT"])
    ('Europe/Berlin', 'America/Los_Angeles', 'Europe/Warsaw', 'UTC')
    >>> home_of(["CET", "PST"]), home_of(["IST"]), home_of([])
    (None, None, None)
    """
    meanings = {_bare(zone): _meaning(zone, "UTC") for zone in written}
    places = {meaning for meaning in meanings.values() if isinstance(meaning, str)}
    short = [zone for zone, meaning in meanings.items() if not isinstance(meaning, str)]
    if len(places) > 1 or not meanings:
        return None
    if not short:
        return places.pop()
    if set(short) <= {"GMT", "UTC", "Z"}:
        return None if places else "UTC"
    if set(short) <= set(_SEVERAL) - {"CDT"}:
        return None
    homes = [home for home in (places or _HOMES) if set(short) <= set(_abbreviations(home))]
    return homes[0] if homes else None


def _bare(zone: str) -> str:
    """A zone in capitals without what is written in brackets behind it, and without brackets around all of it."""
    return (_IN_BRACKETS.sub("", zone) or zone.strip("()[]")).strip().upper()


def _meaning(zone: str, business: str) -> int | str | None:
    """Minutes ahead of UTC, the name of a zone, or None."""
    offset = _OFFSET.match(zone)
    if offset:
        sign, hours, rest = -1 if offset[1] == "-" else 1, int(offset[2]), int(offset[3] or 0)
        return sign * (hours * 60 + rest) if hours <= 14 and rest < 60 else None
    short = _bare(zone)
    own = _abbreviations(business).get(short, _MINUTES.get(short))
    if own is not None:
        return own
    return _AMERICAN.get(short.lower()) or _iana().get(short.lower())


@functools.cache
def _iana() -> Mapping[str, str]:
    """Names such as Europe/Warsaw by their lower case; names without a continent are in fact abbreviations."""
    return {name.lower(): name for name in zoneinfo.available_timezones() if "/" in name}


@functools.cache
def _abbreviations(zone: str) -> Mapping[str, int]:
    """The abbreviations of a time zone since 1990 that mean one offset only."""
    clock = zoneinfo.ZoneInfo(zone)
    offsets: dict[str, set[int]] = {}
    for year in range(1990, 2038):
        for month in (1, 7):
            moment = dt.datetime(year, month, 1, 12, tzinfo=clock)
            ahead = moment.utcoffset()
            if ahead is not None:
                offsets.setdefault(str(moment.tzname()), set()).add(int(ahead.total_seconds() // 60))
    return {name: ahead.pop() for name, ahead in offsets.items() if name.isalpha() and len(ahead) == 1}
