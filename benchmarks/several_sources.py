"""Whether four exports of one simulated shop give its truth to the cent and to the customer, over many seeds.

    python benchmarks/several_sources.py [SEEDS] [ORDERS]

Prints one line per seed, and the sum of all differences at the end; a second part times a large shop.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import several_shops

from retention_kit import load


def differences(seed: int, orders: int, people: int) -> tuple[int, float]:
    """Customers whose money is not the truth, and processor seconds for the four files."""
    with tempfile.TemporaryDirectory() as folder:
        truth = several_shops.write(Path(folder), seed, orders=orders, people=people)
        started = time.process_time()
        data = load.orders(folder, timezone=several_shops.ZONE)
        seconds = time.process_time() - started
        table = data.to_pandas()
        money = table.groupby("customer_id")["amount"].sum().round(2).to_dict()
        wrong = {who for who in truth.customers.keys() | money.keys() if truth.customers.get(who) != money.get(who)}
        same = (table["amount"] >= 0).sum() == truth.orders and round(table["amount"].sum(), 2) == truth.revenue
    print(f"seed {seed}: {data!r}: {len(wrong)} customers differ, totals {'agree' if same else 'DIFFER'}", flush=True)
    return len(wrong) + (not same), seconds


def main(seeds: int, orders: int) -> None:
    """Every seed with a small shop, then one large one."""
    wrong = [differences(seed, 120, 40)[0] for seed in range(1, seeds + 1)]
    print(f"{seeds} shops, {sum(wrong)} differences")
    large, seconds = differences(1, orders, orders // 4)
    print(f"{orders:,} orders in four exports: {large} differences, {seconds:.1f} processor seconds")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*(given + [40, 100_000][len(given) :]))
