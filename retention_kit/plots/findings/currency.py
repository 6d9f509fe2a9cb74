"""The currency in the label of an axis."""

from __future__ import annotations

import re
from typing import Final

_CURRENCY: Final = re.compile(r"(.+) \(([A-Z]{3})\)")


def priced(label: str, unit: str) -> tuple[str, str]:
    """A label without the currency at its end, and the currency; "" where there is none.

    Examples
    --------
    >>> priced("MRR (EUR)", "money"), priced("Orders", "count")
    (('MRR', 'EUR'), ('Orders', ''))
    """
    match = _CURRENCY.fullmatch(label) if unit == "money" else None
    return (match[1], match[2]) if match else (label, "")
