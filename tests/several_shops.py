"""One simulated shop as its exports: the truth, and what Shopify, WooCommerce, Stripe and PayPal write down of it.

The shop sells in two shop systems. Most orders are paid through Stripe or PayPal, so they stand in two exports; some
are paid by bank transfer and stand in one; some payments come through a payment link and stand only at the provider.
Every row is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ZONE = "Europe/Warsaw"
_STATUS = {"paid": "paid", "part": "partially_refunded", "refunded": "refunded", "failed": "voided"}
_WOO = {"paid": "completed", "part": "completed", "refunded": "refunded", "failed": "failed"}


@dataclass(frozen=True)
class Truth:
    """What really happened: revenue less refunds, and who bought how often."""

    revenue: float
    orders: int
    customers: dict[str, float]
    """Money by e-mail address in small letters, refunds taken off."""


def write(folder: Path, seed: int, *, orders: int = 120, people: int = 40) -> Truth:
    """Write the four exports into a folder.

    Parameters
    ----------
    folder : Path
        An empty folder.
    seed : int
        The same seed writes the same bytes.
    orders, people : int
        How many.

    Returns
    -------
    Truth
    """
    rng = np.random.default_rng(seed)
    facts = _facts(rng, orders, people)
    shops = facts[facts["shop"] != "link"]
    _csv(folder / "orders_export_1.csv", _shopify(shops[shops["shop"] == "shopify"]))
    _csv(folder / "wc-orders.csv", _woocommerce(shops[shops["shop"] == "woo"]))
    stripe = _stripe(facts[facts["paid_by"] == "stripe"], rng)
    stripe = stripe if seed % 2 else stripe.drop(columns="Refunded date (UTC)")  # columns are chosen by the user
    _csv(folder / "unified_payments.csv", stripe)
    _csv(folder / "Download.CSV", _paypal(facts[facts["paid_by"] == "paypal"], rng))
    bought = facts[facts["state"] != "failed"]
    money = (bought["cents"] - bought["back"]).groupby(bought["email"]).sum() / 100
    return Truth(money.sum().round(2), len(bought), money.round(2).to_dict())


def _facts(rng: np.random.Generator, orders: int, people: int) -> pd.DataFrame:
    """One row per order or payment link, with how and when it was paid and given back."""
    seconds = np.sort(rng.choice(150 * 86_400, orders, replace=False))
    frame = pd.DataFrame(
        {
            "email": [f"person{n}@shop.example" for n in rng.integers(people, size=orders)],
            "at": pd.Timestamp("2026-01-10", tz="UTC") + pd.to_timedelta(seconds, unit="s"),
            "cents": rng.choice([990, 1990, 2500, 4999, 12_000, 3], orders) + rng.integers(0, 3, orders),
            "shop": rng.choice(["shopify", "woo", "link"], orders, p=[0.5, 0.4, 0.1]),
            "paid_by": rng.choice(["stripe", "paypal", "bank"], orders, p=[0.5, 0.35, 0.15]),
            "state": rng.choice(["paid", "part", "refunded", "failed"], orders, p=[0.75, 0.1, 0.08, 0.07]),
            "named": rng.random(orders) < 0.6,
        }
    )
    again = frame.sample(6, random_state=seed_of(rng))  # the same thing bought twice within minutes
    twice = again.assign(at=again["at"] + pd.to_timedelta(rng.integers(60, 600, 6), unit="s"))
    frame = pd.concat([frame, twice]).sort_values("at", ignore_index=True)
    frame.loc[frame["shop"] == "link", "paid_by"] = "stripe"
    back = np.select([frame["state"] == "part", frame["state"] == "refunded"], [frame["cents"] // 3, frame["cents"]], 0)
    return frame.assign(
        back=back,
        back_at=frame["at"] + pd.to_timedelta(rng.integers(86_400, 20 * 86_400, len(frame)), unit="s"),
        delay=pd.to_timedelta(rng.integers(-20, 240, len(frame)), unit="s"),
        number=np.arange(1001, 1001 + len(frame)),
    )


def seed_of(rng: np.random.Generator) -> int:
    """A seed for pandas."""
    return int(rng.integers(2**31))


def _money(cents: pd.Series) -> pd.Series:
    return (cents / 100).map("{:.2f}".format)


def _written(email: str, n: int) -> str:
    """The same address as different forms write it."""
    return (email, email.capitalize(), email.upper(), f"{email} ")[n % 4]


def _shopify(f: pd.DataFrame) -> pd.DataFrame:
    """Moments with the offset of the shop; refunds lower the order; further products on lines of their own."""
    local = f["at"].dt.tz_convert("America/New_York")
    first = pd.DataFrame(
        {
            "Name": "#" + f["number"].astype("str"),
            "Email": [_written(email, n) for email, n in zip(f["email"], f["number"], strict=True)],
            "Financial Status": f["state"].map(_STATUS),
            "Currency": "EUR",
            "Total": _money(f["cents"]),
            "Created at": local.dt.strftime("%Y-%m-%d %H:%M:%S %z"),
            "Lineitem quantity": "1",
            "Lineitem name": "Tea",
            "Refunded Amount": _money(f["back"]),
            "Id": "55510" + f["number"].astype("str") + "7777",
            "Payment Reference": "c" + (f["number"] + 20_412_829_000_000).astype("str") + ".1",
            "Source": "web",
        }
    )
    more = first[["Name", "Email", "Created at"]].iloc[::3].assign(**{"Lineitem name": "Cup", "Lineitem quantity": "2"})
    return pd.concat([first, more]).sort_index(kind="stable").fillna("")


def _woocommerce(f: pd.DataFrame) -> pd.DataFrame:
    """Moments on the shop's own clock, without an offset; the id of the payment is known where the plug-in wrote it."""
    local = f["at"].dt.tz_convert(ZONE)
    return pd.DataFrame(
        {
            "order_id": f["number"].astype("str"),
            "order_number": f["number"].astype("str"),
            "order_date": local.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "status": f["state"].map(_WOO),
            "order_total": _money(f["cents"]),
            "refunded_total": _money(f["back"]),
            "order_currency": "EUR",
            "transaction_id": np.where(f["named"] & (f["paid_by"] != "bank"), _ids(f), ""),
            "customer_id": "0",
            "billing_email": [_written(email, n + 1) for email, n in zip(f["email"], f["number"], strict=True)],
        }
    )


def _ids(f: pd.DataFrame) -> pd.Series:
    """The provider's id of each payment."""
    number = f["number"].astype("str")
    return ("ch_3Qx" + number + "KLm0aBcD").where(f["paid_by"] == "stripe", "9AB" + number + "2345678XYZ")


def _stripe(f: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """UTC; refunds lower the payment or have a date; the description names the order where the shop was set up so."""
    paid = f[f["state"] != "failed"]
    failed = f.assign(fails=True, number=f["number"] + 500_000).iloc[::7]  # declined before they went through
    rows = pd.concat([f[f["state"] == "failed"].assign(fails=True), paid.assign(fails=False), failed])
    say = (rows["shop"] != "link") & rows["named"] & ~rows["fails"]
    moment = (rows["at"] + rows["delay"]).dt.strftime("%Y-%m-%d %H:%M:%S")
    back_at = rows["back_at"].dt.strftime("%Y-%m-%d %H:%M:%S")
    person = rows["email"].str.extract(r"(\d+)")[0]
    return pd.DataFrame(
        {
            "id": "ch_3Qx" + rows["number"].astype("str") + "KLm0aBcD",
            "Created date (UTC)": moment,
            "Amount": _money(rows["cents"]),
            "Amount Refunded": _money(rows["back"].where(~rows["fails"], 0)),
            "Currency": "eur",
            "Refunded date (UTC)": back_at.where((rows["back"] > 0) & ~rows["fails"], ""),
            "Description": np.where(say, "The Shop - Order " + rows["number"].astype("str"), "Payment"),
            "Status": np.where(rows["fails"], "Failed", np.where(rows["back"] == rows["cents"], "Paid", "succeeded")),
            "Customer ID": "cus_" + person,
            "Customer Email": np.where(rng.random(len(rows)) < 0.9, rows["email"], rows["email"].str.title()),
        }
    )


def _paypal(f: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The clock of the account; refunds are rows of their own, with a reference to the payment, and their own date."""
    f = f[f["state"] != "failed"]
    f = f.assign(payer=f["email"].where(~f["named"] | (rng.random(len(f)) < 0.7), "private." + f["email"]))
    back = f[f["back"] > 0]
    invoice = np.where(f["shop"] == "woo", "WC-" + f["number"].astype("str"), _checkout(f))
    payments = _paypal_rows(f, f["at"] + f["delay"], f["cents"], "Express Checkout Payment")
    payments |= {
        "From Email Address": f["payer"],
        "To Email Address": "shop@shop.example",
        "Transaction ID": "9AB" + f["number"].astype("str") + "2345678XYZ",
        "Reference Txn ID": "",
        "Invoice Number": np.where(f["named"], invoice, ""),
    }
    refunds = _paypal_rows(back, back["back_at"], -back["back"], "Payment Refund")
    refunds |= {
        "From Email Address": "shop@shop.example",
        "To Email Address": back["payer"],
        "Transaction ID": "7RF" + back["number"].astype("str") + "2345678XYZ",
        "Reference Txn ID": "9AB" + back["number"].astype("str") + "2345678XYZ",
        "Invoice Number": "",
    }
    frame = pd.concat([pd.DataFrame(payments), pd.DataFrame(refunds)], ignore_index=True)
    return frame.sample(frac=1, random_state=seed_of(rng))


def _checkout(f: pd.DataFrame) -> pd.Series:
    return "c" + (f["number"] + 20_412_829_000_000).astype("str") + ".1"


def _paypal_rows(f: pd.DataFrame, at: pd.Series, cents: pd.Series, kind: str) -> dict[str, object]:
    local = at.dt.tz_convert(ZONE)
    summer = local.map(lambda moment: bool(moment.dst()))
    return {
        "Date": local.dt.strftime("%d/%m/%Y"),
        "Time": local.dt.strftime("%H:%M:%S"),
        "TimeZone": np.where(summer, "CEST", "CET"),
        "Name": f["email"].str.split("@").str[0],
        "Type": kind,
        "Status": "Completed",
        "Currency": "EUR",
        "Gross": _money(cents),
        "Fee": "-0.35",
        "Net": _money(cents - 35),
        "Balance Impact": np.where(cents >= 0, "Credit", "Debit"),
    }


def _csv(path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(path, index=False)
