"""``customer_ids`` of report.toml: whether customers' ids are shown, hashed or left out, and how they are hashed."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Sequence
from typing import Any, Final

MODES: Final = ("shown", "hashed", "none")


def faults(mode: Any, salt: Any, *, lists: bool) -> list[str]:
    """All faults of the setting ``customer_ids``, before any data are read; action lists are useless without ids.

    Examples
    --------
    >>> faults("shown", None, lists=True), faults("none", None, lists=False)
    ([], [])
    """
    if mode not in MODES:
        return [f"customer_ids must be one of {', '.join(MODES)}, got {mode!r}"]
    if mode == "none" and lists:
        return ["action lists are useless without ids: set customer_ids to shown or hashed, or leave [actions] out"]
    if mode != "hashed":
        return []
    if not isinstance(salt, str) or not re.fullmatch(r"env:\w+", salt):
        return [
            "customer_ids hashed needs salt = env:NAME, the environment variable that holds the secret of the hashes"
        ]
    name = salt.removeprefix("env:")
    return [] if os.environ.get(name) else [f"salt names the environment variable {name}, which is not set"]


def secret_in(reference: str) -> bytes:
    """The secret in the environment variable that ``"env:NAME"`` names."""
    return os.environ[reference.removeprefix("env:")].encode()


def hashed(ids: Sequence[str], secret: bytes | None) -> list[str]:
    """Each id as HMAC-SHA256 in hexadecimal digits, or unchanged without a secret.

    Examples
    --------
    >>> [name[:8] for name in hashed(["a", "b"], b"secret")], hashed(["a"], None)
    (['4048c449', '8caf2958'], ['a'])
    """
    if secret is None:
        return list(ids)
    return [hmac.new(secret, id.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest() for id in ids]
