"""A small shop whose customers typed whatever breaks pages, and its report."""

import numpy as np
import pandas as pd

MARK = "robbed"
"""What every script in the data would set on the page, were it ever run."""

HOSTILE = (
    f"<script>window.{MARK}=1;alert(1)</script>",
    f"<img src=x onerror=\"window.{MARK}=1;alert('img')\">",
    f'"><svg onload=window.{MARK}=1>',
    f"<a href=\"javascript:window.{MARK}=1\">prize</a><iframe src='https://example.invalid/'></iframe>",
    "<style>body{display:none}</style></table></details></main>",
    "<link rel=stylesheet href=https://example.invalid/x.css><meta http-equiv=refresh content='0;url=https://example.invalid'>",
    "$\\href{javascript:alert(1)}{x}$ \\input{/etc/passwd} $$\\frac{1}{0}$",
    '=HYPERLINK("https://example.invalid","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "\u202emoc.elpmaxe\u202c right to left \u2067abc\u2069",
    "👩🏽‍🚀🏳️‍🌈 e\u0301 zero\u200bwidth\ufeff",
    "{{ 7*7 }} {% raw %} ${7*7} %s {0}",
    "![x](https://example.invalid/pixel.png) [y](javascript:alert(2)) <!-- open",
    "W" * 10_000,
    "two words " * 900,
)


def shop(folder):
    """Orders, their lines and survey answers of seven months, written to CSV files."""
    rng = np.random.default_rng(8)
    people = [f"{text} {k}" for k in range(5) for text in HOSTILE]
    many = rng.geometric(0.2, len(people))
    who = np.repeat(people, many)
    day = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 211, len(who)), "D")
    country = dict(zip(people, np.resize([HOSTILE[1], HOSTILE[10]], len(people)), strict=True))
    orders = pd.DataFrame({"customer_id": who, "ordered_at": day, "amount": rng.gamma(2, 20, len(who)).round(2)})
    orders["order_id"] = [f"<b>{n}</b>" for n in range(len(orders))]
    orders["country"] = orders["customer_id"].map(country)
    lines = pd.DataFrame({"order_id": orders["order_id"].repeat(2).to_numpy()})
    lines["product"] = np.resize(HOSTILE, len(lines))
    surveys = pd.DataFrame({"answered_at": day, "kind": "nps", "score": rng.integers(0, 11, len(who))})
    surveys["customer_id"], surveys["comment"] = orders["customer_id"], np.resize(HOSTILE, len(orders))
    tables = {"orders": orders, "order_lines": lines, "surveys": surveys}
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return {name: folder / f"{name}.csv" for name in tables}
