"""Redaction: the passwords of a run are kept out of everything that is written."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from retention_kit.report.settings.config import Config

HIDDEN: Final = "***"
_PASSWORD: Final = re.compile(r"(://[^:/@\s]*:)([^\s]*)(@)")
"""A password in an address: scheme://user:password@host."""
_TOKEN: Final = re.compile(
    r"([?&;](?:[\w-]*(?:password|passwd|pwd|token|secret|signature|api-?_?key|access-?_?key)|sig|key)=)([^&#;\s]+)()",
    re.IGNORECASE,
)
"""A secret in the query of an address, as in ?password= or &access_token=."""
_NAME: Final = re.compile(
    r"(^|[_\-.])(passwords?|passwd|passphrase|pwd|tokens?|secrets?|credentials?|salt|signature|authorization|bearer|"
    r"apikeys?|keys?)([_-]?[0-9]+)?$",
    re.IGNORECASE,
)
"""Names of parameters whose value is probably a secret."""
_KEY: Final = re.compile(
    r"(?<!api)(?<!api[_-])(?<!access[_-])(?<!secret[_-])(?<!private[_-])keys?[0-9_-]*$", re.IGNORECASE
)
"""Names of these that could also name the key of a table: the value is masked, and hidden elsewhere only if it looks
like a secret key."""
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
"""Boundaries of words in camelCase, which `_NAME` needs separated."""
SHORTEST: Final = 5
"""Shorter passwords are hidden only in their address: elsewhere they would match parts of words."""


def masked(value: Any) -> Any:
    """A plain value with masked passwords of addresses, and masked values whose name is that of a secret.

    Examples
    --------
    >>> masked({"api_token": "abc123", "months": 12, "shop": {"secretKey": 3}})
    {'api_token': '***', 'months': 12, 'shop': {'secretKey': '***'}}
    >>> masked({"from": ["postgresql://anna:secret@db/shop", 3]})
    {'from': ['postgresql://anna:***@db/shop', 3]}
    >>> masked("https://shop.example/orders.csv?year=2026&token=abc123")
    'https://shop.example/orders.csv?year=2026&token=***'
    """
    return _without_addresses(_without_secrets(value))


def _without_addresses(value: Any) -> Any:
    return _mapped(value, lambda text: _TOKEN.sub(rf"\1{HIDDEN}\3", _PASSWORD.sub(rf"\1{HIDDEN}\3", text)))


def _without_secrets(value: Any) -> Any:
    """A plain value with masked values under names of secrets; ``env:NAME`` is only a reference and is kept."""
    if isinstance(value, Mapping):
        hidden = {
            name: named(name) and item not in (None, "") and not _is_reference(item) for name, item in value.items()
        }
        return {name: HIDDEN if hidden[name] else _without_secrets(item) for name, item in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, (list, tuple)) else value


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"env:\w+", value) is not None


def named(name: Any) -> bool:
    """Whether a name is that of a secret.

    Examples
    --------
    >>> [named(name) for name in ("api_token", "SHOP_API_KEY", "accessToken", "key", "keyword", "tokens_per_month")]
    [True, True, True, True, False, False]
    """
    return isinstance(name, str) and _NAME.search(_CAMEL.sub("_", name)) is not None


def passwords_of(config: Config) -> tuple[str, ...]:
    """Texts that must not appear in the result: passwords in the sources, in the environment variables they name and in
    the parameters, values of parameters with names of secrets, the addresses of webhooks, the salt of the ids."""
    addresses = [part.where for source in config.sources.values() for part in source.parts] + [dict(config.parameters)]
    texts = list(_texts([item for item in addresses if isinstance(item, (str, Mapping))]))
    texts += [_of_environment(text) for text in texts if text.startswith("env:")]
    passwords = {match[2] for text in texts for pattern in (_PASSWORD, _TOKEN) for match in pattern.finditer(text)}
    passwords |= set(_of_secret_names(config.parameters))
    settings = [alert.get("webhook", "") for alert in config.alerts] + [config.actions.get("salt", ""), config.salt]
    passwords |= {_of_environment(text) for text in settings if isinstance(text, str)}
    spelt = {p for p in passwords | {unquote(p) for p in passwords} if len(p) >= SHORTEST}
    return tuple(sorted(spelt, key=lambda p: (-len(p), p)))  # the longest first: one may contain another


def _of_environment(text: str) -> str:
    """The value of the environment variable of ``"env:NAME"``; empty for other text or a variable that is not set."""
    return os.environ.get(text.removeprefix("env:"), "") if text.startswith("env:") else ""


def _of_secret_names(value: Any, name: str = "") -> Iterator[str]:
    """Texts under names of secrets, at any depth; numbers are not included, since they would hide parts of others."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _of_secret_names(item, str(key) if named(key) else name)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _of_secret_names(item, name)
    elif name and isinstance(value, str):
        texts = [_of_environment(value)] if _is_reference(value) else [value]
        yield from (text for text in texts if not _KEY.search(_CAMEL.sub("_", name)) or _looks_like_a_key(text))


def _looks_like_a_key(text: str) -> bool:
    return len(text) > SHORTEST and any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def hide(value: Any, passwords: Iterable[str]) -> Any:
    """A plain value with these passwords, and passwords in addresses, masked."""
    passwords = tuple(passwords)

    def cleaned(text: str) -> str:
        for password in passwords:
            text = text.replace(password, HIDDEN)
        return text

    return _mapped(_without_addresses(value), cleaned) if passwords else value


def _texts(value: Any) -> Iterator[str]:
    """Every text in a plain value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list, tuple)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """A plain value with every text changed; the types of dicts are kept, since a notebook node is one."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        kind = type(value) if isinstance(value, dict) else dict
        return kind({key: _mapped(item, change) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return [_mapped(item, change) for item in value]
    return value
