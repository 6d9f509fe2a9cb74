"""How exports spell an amount: the patterns of a number, of the signs around it, and the signs brought to ASCII."""

from __future__ import annotations

from retention_kit.load.values.currency_signs import SYMBOLS
from retention_kit.load.values.full_width import FULL_WIDTH, IN_ASCII

_SYMBOL = f"[{SYMBOLS}]"
_LETTER = f"[^0-9 .,'’()+{SYMBOLS}-]"
_SIGN = f"(?:{_LETTER}+(?:[.]{_LETTER}+)?[.]? ?{_SYMBOL}?|{_SYMBOL}{_LETTER}*)"
# spaces and apostrophes between thousands
SPACE = "[ '’\u202f]"
_CELLS = "[0-9.,'’\u202f ]*[0-9](?:[eE][+-]?[0-9]{1,2})?"
# an amount with its signs: brackets, minus and currency before or behind the number, which is group 1
SHAPE = f"^[(]?[+-]? ?{_SIGN}? ?[+-]?({_CELLS})-? ?{_SIGN}?[)]?$"
POINT = (
    f"^([0-9]+|[0-9]*[.][0-9]+|([1-9][0-9]{{0,2}}((,[0-9]{{3}})+|({SPACE}[0-9]{{3}})+)"
    "|[1-9][0-9]?(,[0-9]{2})+,[0-9]{3})([.][0-9]+)?)$"
)
"""A number with a decimal point, its thousands apart or not; in India thousands, then hundreds: 1,23,456.00."""

# the same with a decimal comma
COMMA = f"^([0-9]+|[0-9]*,[0-9]+|[1-9][0-9]{{0,2}}(([.][0-9]{{3}})+|({SPACE}[0-9]{{3}})+)(,[0-9]+)?)$"
# 1,234 and 1.234: thousands or three decimals
EITHER = "^[1-9][0-9]{0,2}[.,][0-9]{3}$"
# what money with at most 14 digits before the point can hold
DIGITS = "^[0-9]{0,14}([.][0-9]+)?$"
# a minus in front of or behind the digits, or brackets around them
NEGATIVE = "^[^0-9]*-|-[^0-9]*$|^[(].*[)]$"
# a number with an exponent, such as 1.5E+3, below 10^14
POWER = "^[0-9](?:[.,][0-9]{1,15})?[eE](?:[+]?(?:0?[0-9]|1[0-3])|-0?[0-9])$"
# the number without the signs around it
NUMBER = "[0-9](?:[0-9.,'’\u202f ]*[0-9])?(?:[eE][+-]?[0-9]{1,2})?"
LED = "^[^0-9]*[.,][0-9]"
"""A separator in front of the first digit: only such cells need the slower pattern to find the number."""

IN_FRONT, BEHIND = "^([^0-9]*)", "([^0-9]*)$"
ODD = "[^0-9.,]"
"""A character other than digits and separators: cells without one need no pattern to be split."""

# full-width signs, wide spaces and the minus sign of Unicode, which are translated to ASCII
HAS_WIDE = "[\uff01-\uff5e\uffe5\uffe1\u3000\u2009\u00a0\u2212]"
WIDE = FULL_WIDTH + "\uffe5\uffe1\u3000\u2009\u00a0\u2212"
NARROW = IN_ASCII + "¥£   -"
