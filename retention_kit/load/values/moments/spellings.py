"""How exports spell a moment: each spelling is one shape, a pattern with the groups of year, month and day.

The patterns know ASCII only; `in_ascii` brings full-width signs and the signs of East Asian dates to it.
"""

from __future__ import annotations

import ibis.expr.types as ir

from retention_kit.load.values.full_width import FULL_WIDTH, IN_ASCII
from retention_kit.load.values.reader import trimmed

COLON = "(?::| ?h ?)"
"""What is between hour and minute: 10:15, and in French 10h15 and 10 h 15."""
_CLOCK = (
    f"([0-9]{{1,2}}){COLON}([0-9]{{2}})(?::([0-9]{{2}}(?:[.][0-9]+)?))?(?: ?Uhr)?(?: ?([AaPp])[.]? ?[Mm](?:[.] ?| |$))?"
)
_TAIL = "(?:[A-Za-z(]|[+-][0-9]).*"
_TIME = f"[T ,]+(?:(?:at|um|o|à|a las),? )?{_CLOCK}(?: ?({_TAIL}))?"
_REST = f"(?:{_TIME}|(?: ?(?:Z|z|UTC|GMT|[+-][0-9]{{2}}:?[0-9]{{0,2}}))?)$"
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
"""Each way of writing a moment, and the groups of year, month and day; those of the clock and the zone follow."""

REPUBLIC = "republic"
"""The years that Taiwan counts from 1911: 114/03/05 is 5 March 2025. Read where a column has no other dates."""
REPUBLIC_BEGINS = 1911
"""What is added to such a year."""

NAMED = ("day_name", "name_day")
LETTERS = "[^0-9 TZ.:/+-]{3}"
"""What stands in a date with the name of a month: the patterns with names are asked of such cells only."""

ODD = "[^ -~]"
"""What is no letter, digit or sign of ASCII: such cells are brought to it before anything else is asked of them."""

FOLLOWED = f"[0-9]{COLON}[0-9]{{2}}.*(?:[A-Za-z)][.]?|\\]|[+-][0-9]{{1,2}}:?[0-9]{{0,2}})$"
AFTER_CLOCK = (
    f"[0-9]{COLON}[0-9]{{2}}(?::[0-9]{{2}}(?:[.][0-9]+)?)?(?: ?Uhr)?"
    f"(?: ?[AaPp][.]? ?[Mm](?:[.] ?| |$))?(?: ?({_TAIL}))$"
)
NO_ZONES = (
    "uhr",
    *(f"{half}{stop}{gap}m{end}" for half in "ap" for stop in ("", ".") for gap in ("", " ") for end in ("", ".")),
)
"""What follows a clock, in small letters, and is no time zone."""
BARE_HALVES = ("a", "p")
TWELVE = "(?:^|[^0-9:])(?:0?[1-9]|1[01]):[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)? ?[Pp][.]? ?[Mm]"
"""An hour in the afternoon that only a clock of twelve hours calls so."""

_WIDE = FULL_WIDTH + "\u3000\u202f\u2009\u00a0−年년月월日일"
_NARROW = IN_ASCII + "    -----  "
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
    """The pattern of a shape, and the group in which the name of the month stands."""
    pattern, order = SHAPES[shape]
    return pattern, order[1]
