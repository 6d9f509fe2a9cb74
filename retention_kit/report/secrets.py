"""Passwords of a run, so that they can be kept out of everything that is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from retention_kit.report.config import Config

__all__ = ["HIDDEN", "found", "hide", "masked"]

HIDDEN: Final = "***"
_PASSWORD: Final = re.compile(r"(://[^:/@\s]*:)([^\s]*)(@)")
_TOKEN: Final = re.compile(
    r"([?&;](?:[\w-]*(?:password|passwd|pwd|token|secret|signature|api-?_?key|access-?_?key)|sig|key)=)([^&#;\s]+)()",
    re.IGNORECASE,
)
"""The same in the query of an address, as in ?password= or &access_token=."""
SHORTEST: Final = 5
"""Shorter passwords are hidden only where they stand in their address: elsewhere they would be parts of words."""


def masked(value: Any) -> Any:
    """A plain value with the passwords of the addresses in it made unreadable.

    Examples
    --------
    >>> masked({"from": ["postgresql://anna:secret@db/shop", 3]})
    {'from': ['postgresql://anna:***@db/shop', 3]}
    >>> masked("https://shop.example/orders.csv?year=2026&token=abc123")
    'https://shop.example/orders.csv?year=2026&token=***'
    """
    return _mapped(value, lambda text: _TOKEN.sub(rf"\1{HIDDEN}\3", _PASSWORD.sub(rf"\1{HIDDEN}\3", text)))


def found(config: Config) -> tuple[str, ...]:
    """Passwords in the sources, in the environment variables that they name, and in the parameters."""
    texts: list[str] = []
    told = [source.where for source in config.sources.values()] + [dict(config.parameters)]
    _mapped([item for item in told if isinstance(item, (str, Mapping))], lambda text: texts.append(text) or text)
    texts += [os.environ.get(text.removeprefix("env:"), "") for text in texts if text.startswith("env:")]
    passwords = {match[2] for text in texts for pattern in (_PASSWORD, _TOKEN) for match in pattern.finditer(text)}
    spelt = {p for p in passwords | {unquote(p) for p in passwords} if len(p) >= SHORTEST}
    return tuple(sorted(spelt, key=lambda p: (-len(p), p)))  # the longest first: one may contain another


def hide(value: Any, passwords: Iterable[str]) -> Any:
    """A plain value with these passwords, and those in addresses, made unreadable."""
    passwords = tuple(passwords)

    def cleaned(text: str) -> str:
        for password in passwords:
            text = text.replace(password, HIDDEN)
        return text

    return _mapped(masked(value), cleaned) if passwords else value


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return type(value)({key: _mapped(item, change) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return [_mapped(item, change) for item in value]
    return value
