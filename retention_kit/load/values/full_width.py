"""The signs of ASCII in full width, as East Asian keyboards type them."""

from __future__ import annotations

FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
"""From ！ to ～."""

IN_ASCII = "".join(chr(code) for code in range(0x21, 0x7F))
"""From ! to ~, each at the place of its wide twin."""
