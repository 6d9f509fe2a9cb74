"""Rebuild the small copies: ``python -m retention_kit.simulate data/sample``."""

from __future__ import annotations

import argparse

from retention_kit.simulate.shop import truth
from retention_kit.simulate.storefront import write


def main(arguments: list[str] | None = None) -> None:
    """Write the simulated shop into the folder that is named."""
    parser = argparse.ArgumentParser(prog="python -m retention_kit.simulate", description=__doc__)
    parser.add_argument("folder", help="where the CSV files go")
    parser.add_argument("--customers", type=int, default=truth.FEW_CUSTOMERS, help="size of the shop")
    parser.add_argument("--seed", type=int, default=truth.SEED)
    parser.add_argument(
        "--replace", action="store_true", help="replace files of the same names that hold something else"
    )
    chosen = parser.parse_args(arguments)
    write(chosen.folder, customers=chosen.customers, seed=chosen.seed, replace=chosen.replace)


if __name__ == "__main__":
    main()
