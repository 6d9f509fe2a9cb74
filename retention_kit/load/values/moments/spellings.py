"""How exports spell a moment: each spelling is one shape, a pattern with the groups of year, month and day.

The patterns know ASCII only; `in_ascii` brings full-width signs and the signs of East Asian dates to it.
"""

from __future__ import annotations

import ibis.expr.types as ir

from retention_kit.load.values.full_width import FULL_WIDTH, IN_ASCII
from retention_kit.load.values.reader import trimmed

COLON = "(?::| ?h ?)"
"""The sign between hour and minute: 10:15, and in French 10h15 and 10 h 15."""
# a time of day with seconds, Uhr, AM or PM where they are written
_CLOCK = (
    f"([0-9]{{1,2}}){COLON}([0-9]{{2}})(?::([0-9]{{2}}(?:[.][0-9]+)?))?(?: ?Uhr)?(?: ?([AaPp])[.]? ?[Mm](?:[.] ?| |$))?"
)
# a time zone behind the time of day
_TAIL = "(?:[A-Za-z(]|[+-][0-9]).*"
_TIME = f"[T ,]+(?:(?:at|um|o|à|a las),? )?{_CLOCK}(?: ?({_TAIL}))?"
_REST = f"(?:{_TIME}|(?: ?(?:Z|z|UTC|GMT|[+-][0-9]{{2}}:?[0-9]{{0,2}}))?)$"
# the name of a month
_WORD = "([^0-9 ,.:/()+-]{3,12})[.]?"
_DAY_OF_WEEK = "(?:[^0-9,.]{2,14}[.]?,? )?"
_YEAR = "([0-9]{4}|[0-9]{2})"
DMY = f"^([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]{_YEAR}{_REST}"
SHAPES = {
    "ymd": (f"^([0-9]{{4}})[-/.] ?([0-9]{{1,2}})[-/.] ?([0-9]{{1,2}})[.]?{_REST}", (1, 2, 3)),
    "compact": (f"^((?:19|20)[0-9]{{2}})([0-9]{{2}})([0-9]{{2}}){_REST}", (1, 2, 3)),
    "day_name": (
        f"^{_DAY_OF_WEEK}([0-9]{{1,2}})(?:[.]|st|nd|rd|th|er)?[ -]{{0,2}}(?:de )?{_WORD},?[ -](?:de )?{_YEAR}{_REST}",
        (3, 2, 1),
    ),
    "name_day": (f"^{_DAY_OF_WEEK}{_WORD}[ -]([0-9]{{1,2}})(?:st|nd|rd|th)?,?[ -]{_YEAR}{_REST}", (3, 1, 2)),
    "dmy": (DMY, (3, 2, 1)),
    "republic": (f"^(0[89][0-9]|1[0-4][0-9]|150)[-/.] ?([0-9]{{1,2}})[-/.] ?([0-9]{{1,2}})[.]?{_REST}", (1, 2, 3)),
}
"""Each way of writing a moment, and its groups for year, month and day; groups for clock and zone follow."""

REPUBLIC = "republic"
"""The years that Taiwan counts from 1911: 114/03/05 is 5 March 2025. Read where a column has no other dates."""
REPUBLIC_BEGINS = 1911
"""The number that is added to such a year."""

NAMED = ("day_name", "name_day")
LETTERS = "[^0-9 TZ.:/+-]{3}"
"""Letters as in the name of a month: only cells that hold some are compared with the patterns with names."""

ODD = "[^ -~]"
"""A character outside of ASCII: cells with one are first translated."""

# a time of day that is followed by something, such as a time zone
FOLLOWED = f"[0-9]{COLON}[0-9]{{2}}.*(?:[A-Za-z)][.]?|\\]|[+-][0-9]{{1,2}}:?[0-9]{{0,2}})$"
AFTER_CLOCK = (
    f"[0-9]{COLON}[0-9]{{2}}(?::[0-9]{{2}}(?:[.][0-9]+)?)?(?: ?Uhr)?"
    f"(?: ?[AaPp][.]? ?[Mm](?:[.] ?| |$))?(?: ?({_TAIL}))$"
)
NO_ZONES = (
    "uhr",
    *(f"{half}{stop}{gap}m{end}" for half in "ap" for stop in ("", ".") for gap in ("", " ") for end in ("", ".")),
)
"""Texts in lower case that follow a time of day and are no time zone."""
# AM and PM without their M
BARE_HALVES = ("a", "p")
TWELVE = "(?:^|[^0-9:])(?:0?[1-9]|1[01]):[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)? ?[Pp][.]? ?[Mm]"
"""A time of day in the afternoon that only a clock of twelve hours shows."""

_WIDE = FULL_WIDTH + "\u3000\u202f\u2009\u00a0−年년月월日일"
_NARROW = IN_ASCII + "    -----  "
# marks of no width, which are removed
_UNSEEN = "\u200e\u200f\u200b\ufeff"


def in_ascii(cell: ir.StringValue, engine: str) -> ir.StringValue:
    """Full-width signs, the signs of East Asian dates, and the words before an hour, as ASCII has them.

    >>> import ibis
    >>> ibis.literal("２０２４年５月１日（水） 下午 3:05").pipe(in_ascii, "duckdb").execute()
    '2024-5-1 3:05 PM'
    """
    first, second, third = (f"${group}" if engine == "pyspark" else f"\\{group}" for group in (1, 2, 3))
    cell = cell.re_replace("民國 ?([0-9]{2}) ?年", f"0{first}-").re_replace("(?:中華)?民國 ?", "")
    cell = cell.re_replace("[(（][^0-9)）]{1,4}[)）]", " ").translate(_WIDE + _UNSEEN, _NARROW)
    hour, minute, seconds = "([0-9]{1,2}) ?[時时點点시]", " ?([0-9]{1,2}) ?[分분]", " ?([0-9]{1,2}) ?[秒초]"
    cell = cell.re_replace(hour + minute + seconds, f"{first}:{second}:{third}")
    cell = cell.re_replace(hour + minute, f"{first}:{second}")
    cell = cell.re_replace("(?:上午|午前|오전|凌晨|早上) ?([0-9:]+)", f"{first} AM")
    cell = cell.re_replace("(?:下午|午後|오후|中午|晚上) ?([0-9:]+)", f"{first} PM")
    return trimmed(cell.re_replace(" +", " "))


def month_of(shape: str) -> tuple[str, int]:
    """The pattern of a shape, and the group that holds the name of the month."""
    pattern, order = SHAPES[shape]
    return pattern, order[1]
