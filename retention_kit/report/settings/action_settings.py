"""``[actions]`` of report.toml: its faults, its defaults, and the secret with which ids are hashed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from retention_kit.report.settings.value_types import closest

LISTS: Final = ("at_risk", "win_back", "champions", "due_to_reorder")
"""Names of the action lists, the most important first."""
HOLDOUT: Final = 0.1
"""Share of the customers to leave alone."""
DRAW: Final = "retention-kit"
"""Key of the random draw of customers to leave alone."""
_KEYS: Final = ("lists", "overlap", "holdout", "draw", "salt", "due_within", "limit")
_SALT: Final = "actions.salt must be env:NAME, the environment variable that holds the secret the hashes are made with"


@dataclass(frozen=True)
class ActionSettings:
    """``[actions]`` of report.toml with defaults; without any key no list is written."""

    lists: tuple[str, ...] = ()
    overlap: bool = False
    holdout: float = HOLDOUT
    draw: str = DRAW
    due_within: int = 30
    limit: int | None = None
    salt: str | None = None


def read(actions: Mapping[str, Any]) -> ActionSettings:
    """Settings from a configuration without faults."""
    if not actions:
        return ActionSettings()
    return ActionSettings(**{**actions, "lists": tuple(actions.get("lists") or LISTS)})


def faults(actions: Any, *, hash_ids: bool = False) -> list[str]:
    """All faults of ``[actions]``, before any data are read.

    Parameters
    ----------
    actions : mapping
        Keys: lists (which, the most important first; all without it), overlap (whether a customer may be on several
        lists, false), holdout (share to leave alone, 0.1), draw (text; a different one leaves different customers
        alone), due_within (days ahead that a customer is due to reorder, 30), limit (longest length of a list, both
        groups together), salt (``"env:NAME"``).
    hash_ids : bool
        Whether the lists contain hashes in place of customer ids, which require a salt.

    Examples
    --------
    >>> faults({"holdout": 0.1}), faults({"lists": ["champion"]})
    ([], ['no action list champion, did you mean champions?'])
    """
    if not isinstance(actions, Mapping):
        return []  # its type is checked with the types of all settings
    messages = [f"unknown key actions.{key}, {closest(key, _KEYS)}" for key in actions if key not in _KEYS]
    lists = actions.get("lists", ())
    if isinstance(lists, (list, tuple)):
        messages += [f"no action list {name}, {closest(str(name), LISTS)}" for name in lists if not _is_list(name)]
        known_lists = [name for name in lists if _is_list(name)]
        messages += [
            f"actions.lists names {name} twice" for name in dict.fromkeys(known_lists) if known_lists.count(name) > 1
        ]
    else:
        messages.append(f"actions.lists must be a list, got {lists!r}")
    holdout = actions.get("holdout", HOLDOUT)
    if not _is_number(holdout) or not 0 <= holdout < 1:
        messages.append(f"actions.holdout must be a share from 0 to below 1, got {holdout!r}")
    if not isinstance(actions.get("overlap", False), bool):
        messages.append(f"actions.overlap must be true or false, got {actions['overlap']!r}")
    if not isinstance(actions.get("draw", DRAW), str):
        messages.append(f"actions.draw must be text, got {actions['draw']!r}")
    for key in ("due_within", "limit"):
        if key in actions and (not isinstance(actions[key], int) or isinstance(actions[key], bool) or actions[key] < 1):
            messages.append(f"actions.{key} must be a whole number, 1 or more, got {actions[key]!r}")
    return messages + (_salt_faults(actions.get("salt")) if actions and (hash_ids or "salt" in actions) else [])


def _is_list(name: Any) -> bool:
    return isinstance(name, str) and name in LISTS


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _salt_faults(salt: Any) -> list[str]:
    if not isinstance(salt, str) or not salt.startswith("env:"):
        return [_SALT]
    name = salt.removeprefix("env:")
    return [] if os.environ.get(name) else [f"hash_ids needs the environment variable {name}, which is not set"]
