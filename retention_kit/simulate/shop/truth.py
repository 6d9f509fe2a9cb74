"""All parameters of the simulated shop; data/README.md describes them in words."""

from __future__ import annotations

from typing import Final

import numpy as np

START: Final = np.datetime64("2024-10-01")
END: Final = np.datetime64("2026-09-30")
"""First and last day of every table."""

DAYS: Final = int((END - START).astype(int)) + 1

CUSTOMERS: Final = 3000
"""Customers of a shop of ordinary size."""

FEW_CUSTOMERS: Final = 500
"""Customers of the small shop in data/sample."""

SEED: Final = 2024

CURRENCY: Final = "EUR"
COUNTRIES: Final = {"PL": 0.45, "US": 0.30, "TW": 0.25}
CHANNELS: Final = ("web", "app")
APP_SHARE: Final = (0.30, 0.55)
"""Share of customers who prefer the app, among those won on the first and on the last day."""

BGNBD: Final = {"r": 0.80, "alpha": 5.0, "a": 0.60, "b": 2.40}
"""Purchases after the first, in weeks."""

GAMMA_GAMMA: Final = {"p": 5.0, "q": 4.5, "gamma": 28.0}
"""Order amounts in EUR; their mean is p gamma / (q - 1) = 40."""

SHIFTED_BETA_GEOMETRIC: Final = {"alpha": 0.9, "beta": 14.0}
"""Each monthly subscriber's chance to cancel at a renewal."""

GROWTH: Final = 1.5
"""New customers a day are this many times as many on the last day as on the first, plus one."""

SEASON: Final = {1: 0.75, 2: 0.85, 7: 0.85, 8: 0.85, 11: 1.6, 12: 2.3}
"""New customers of a month against an ordinary one; months not named are ordinary."""

REFUND_SHARE: Final = 0.02

CATALOGUE: Final = {
    "Espresso beans": (26.0, 10),
    "Filter coffee beans": (24.0, 8),
    "Green tea": (48.0, 6),
    "Black tea": (36.0, 6),
    "Oolong tea": (64.0, 4),
    "Cocoa powder": (22.0, 3),
    "Raw cane sugar": (6.0, 5),
    "Rolled oats": (5.0, 8),
    "Raisins": (11.0, 5),
    "Almonds": (19.0, 7),
    "Walnuts": (21.0, 5),
    "Basmati rice": (7.0, 7),
    "Red lentils": (6.5, 6),
    "Chickpeas": (5.5, 5),
    "Spaghetti": (5.0, 6),
    "Dried tomatoes": (28.0, 3),
    "Olive oil": (17.0, 6),
    "Soap flakes": (12.0, 3),
    "Washing soda": (5.0, 2),
    "Honey": (16.0, 4),
}
"""For each product the price of a kilogram in EUR, and its popularity."""

AFFINITIES: Final = (
    ("Rolled oats", "Raisins"),
    ("Red lentils", "Basmati rice"),
    ("Spaghetti", "Dried tomatoes"),
    ("Soap flakes", "Washing soda"),
    ("Espresso beans", "Raw cane sugar"),
)
AFFINITY: Final = 0.45
"""After one of a pair the next line of the order is the other one with this chance."""

PLANS: Final = ("Small monthly", "Medium monthly", "Large monthly", "Small yearly", "Medium yearly", "Large yearly")
MRR: Final = np.array([[15.0, 29.0, 49.0, 12.5, 24.0, 40.0], [17.0, 32.0, 54.0, 14.0, 26.5, 45.0]])
"""Price per month of each plan before and after the rise; yearly plans divided by twelve."""

PRICE_RISE: Final = np.datetime64("2025-10-01")
"""Old subscribers pay the new price from their first renewal on or after this day."""

PRICE_SHOCK: Final = 3.0
"""Chances to cancel are this many times as high at that renewal."""

TRIAL_DAYS: Final = 14
TRIAL_SHARE: Final = 0.6
TRIAL_CONVERSION: Final = 0.68
SUBSCRIBER_SHARE: Final = 0.30
YEARLY_SHARE: Final = 0.2

UPGRADE: Final = 0.020
DOWNGRADE: Final = 0.012
PAUSE: Final = 0.015
WIN_BACK: Final = 0.025
"""Chances per month: of running subscriptions, and for the last one of cancelled ones."""

INCIDENT: Final = (np.datetime64("2026-03-02"), np.datetime64("2026-03-30"))
INCIDENT_CHANNEL: Final = "app"
"""From the first to the second day a broken update of the app lost baskets."""

INCIDENT_POINTS: Final = 2.4
"""Points of the 0-10 scale that customers who had used the app subtract for the incident."""
