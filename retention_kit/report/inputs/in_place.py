"""Which tables a run leaves in their database, and why others are copied into its private folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from retention_kit.errors import ConfigError
from retention_kit.load import Dataset
from retention_kit.load.dataset import leave
from retention_kit.load.sources import left_in_place
from retention_kit.report.settings.config import Config

_WITHOUT_CUSTOMERS: Final = ("visits",)
"""Tables that no page joins with others."""


def save(datasets: Mapping[str, Dataset], config: Config, folder: Path) -> dict[str, str]:
    """Write pointers to the tables that stay where they are, and the rows of all others; gives the servers of the
    former.

    Tables that pages join are left together or copied together, because no database joins rows that it does not have.

    Raises
    ------
    ConfigError
        Tables shall stay (``leave_in_place = true``) that cannot.
    """
    joined = [name for name in datasets if name not in _WITHOUT_CUSTOMERS] or list(datasets)
    obstacles = _obstacles({name: datasets[name] for name in joined}, config)
    if config.leave_in_place and obstacles:
        raise ConfigError(f"leave_in_place is true, and the data cannot stay where they are: {'; '.join(obstacles)}.")
    servers = {}
    for name, dataset in datasets.items():
        if config.leave_in_place and name in joined:
            leave(dataset, folder, config.sources[name].where)
            servers[name] = left_in_place.server_of(dataset.table)
        else:
            dataset.save(folder)
    return servers


def _obstacles(datasets: Mapping[str, Dataset], config: Config) -> list[str]:
    """Why these tables cannot all be left where they are."""
    reasons = []
    if config.split_by:
        reasons.append("a report that is split (split_by) needs the rows of each part")
    if config.customer_ids != "shown":
        reasons.append(f'customer_ids = "{config.customer_ids}" replaces the ids in a copy')
    for name, dataset in datasets.items():
        if why := left_in_place.obstacle(dataset.table, config.sources[name].where):
            reasons.append(f"{name}: {why}")
    if len({str(config.sources[name].where) for name in datasets}) > 1:
        reasons.append("the tables come from several places, and pages join them")
    return reasons
