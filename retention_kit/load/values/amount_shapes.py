"""How exports spell an amount: the patterns of a number, of the signs around it, and the signs brought to ASCII."""

from __future__ import annotations

from retention_kit.load.values.currency_signs import SYMBOLS
from retention_kit.load.values.full_width import FULL_WIDTH, IN_ASCII

_SYMBOL = f"[{SYMBOLS}]"
_LETTER = f"[^0-9 .,'’()+{SYMBOLS}-]"
_SIGN = f"(?:{_LETTER}+(?:[.]{_LETTER}+)?[.]? ?{_SYMBOL}?|{_SYMBOL}{_LETTER}*)"
SPACE = "[ '’\u202f]"
_CELLS = "[0-9.,'’\u202f ]*[0-9](?:[eE][+-]?[0-9]{1,2})?"
SHAPE = f"^[(]?[+-]? ?{_SIGN}? ?[+-]?({_CELLS})-? ?{_SIGN}?[)]?$"
POINT = (
    f"^([0-9]+|[0-9]*[.][0-9]+|([1-9][0-9]{{0,2}}((,[0-9]{{3}})+|({SPACE}[0-9]{{3}})+)"
    "|[1-9][0-9]?(,[0-9]{2})+,[0-9]{3})([.][0-9]+)?)$"
)
"""A number with a decimal point, its thousands apart or not; in India thousands, then hundreds: 1,23,456.00."""

COMMA = f"^([0-9]+|[0-9]*,[0-9]+|[1-9][0-9]{{0,2}}(([.][0-9]{{3}})+|({SPACE}[0-9]{{3}})+)(,[0-9]+)?)$"
EITHER = "^[1-9][0-9]{0,2}[.,][0-9]{3}$"
DIGITS = "^[0-9]{0,14}([.][0-9]+)?$"
NEGATIVE = "^[^0-9]*-|-[^0-9]*$|^[(].*[)]$"
POWER = "^[0-9](?:[.,][0-9]{1,15})?[eE](?:[+]?(?:0?[0-9]|1[0-3])|-0?[0-9])$"
NUMBER = "[0-9](?:[0-9.,'’\u202f ]*[0-9])?(?:[eE][+-]?[0-9]{1,2})?"
LED = "^[^0-9]*[.,][0-9]"
"""A separator in front of the first digit: only then is the slow way of finding where the number begins needed."""

IN_FRONT, BEHIND = "^([^0-9]*)", "([^0-9]*)$"
ODD = "[^0-9.,]"
"""What is more than digits and separators: other cells need no pattern to be cut into parts."""

HAS_WIDE = "[\uff01-\uff5e\uffe5\uffe1\u3000\u2009\u00a0\u2212]"
WIDE = FULL_WIDTH + "\uffe5\uffe1\u3000\u2009\u00a0\u2212"
NARROW = IN_ASCII + "¥£   -"
