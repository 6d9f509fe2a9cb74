"""Entries of simple lifetime values and acquisition cost."""

from __future__ import annotations

from typing import Final

from retention_kit.metrics.catalogue.metric_entry import Entry
from retention_kit.metrics.customers import simple_lifetime

_FARRIS = "Farris, Bendle, Pfeifer, Reibstein (2010), Marketing Metrics, 2nd ed., ch. 5"
_SKOK = "Skok (2013), SaaS Metrics 2.0"

ENTRIES: Final = (
    Entry(
        simple_lifetime.clv_simple,
        "Customer lifetime value, simple",
        "客戶終身價值（CLV）",
        "wartość życiowa klienta (CLV)",
        "CLV",
        r"<order_value> \cdot <orders_per_year> \cdot <years>",
        {"order_value": "APV", "orders_per_year": "APF", "years": "ACL"},
        "money",
        "up",
        {"order_value": 50, "orders_per_year": 4, "years": 5},
        1000.0,
        _FARRIS,
        "Revenue, not profit, and not discounted; the lifespan of customers who are still active is not known.",
    ),
    Entry(
        simple_lifetime.clv_with_margin,
        "Customer lifetime value, with margin",
        "客戶終身價值（含毛利）",
        "wartość życiowa klienta (CLV) z marżą",
        "CLV_g",
        r"\frac{<transactions> \cdot <price> \cdot <margin> \cdot <years>}{<customers>}",
        {"transactions": "T", "price": "p", "margin": "g", "years": "ACL", "customers": "C"},
        "money",
        "up",
        {"transactions": 400, "price": 50, "margin": 0.3, "years": 5, "customers": 100},
        300.0,
        _FARRIS,
        "Right only if T is the firm's total: an average per customer would be divided a second time.",
    ),
    Entry(
        simple_lifetime.clv_naive,
        "Customer lifetime value, naive",
        "客戶終身價值（過度簡化）",
        "wartość życiowa klienta (wersja naiwna)",
        "CLV_0",
        r"<order_value> \cdot <repeat_rate> - <cac>",
        {"order_value": "AOV", "repeat_rate": "RPR", "cac": "CAC"},
        "money",
        "up",
        {"order_value": 50, "repeat_rate": 0.2, "cac": 20},
        -10.0,
        "Often printed, by no one derived",
        "Has no lifetime and leaves out the first order: it condemns healthy shops. Shown to be recognised, not used.",
    ),
    Entry(
        simple_lifetime.ltv_from_churn,
        "Lifetime value from churn",
        "由流失率推算的客戶終身價值",
        "wartość życiowa klienta wyznaczona ze wskaźnika odpływu",
        "LTV",
        r"\frac{<arpa>}{<churn>}",
        {"arpa": "ARPA", "churn": "c"},
        "money",
        "up",
        {"arpa": 50, "churn": 0.05},
        1000.0,
        "Baremetrics help, Lifetime Value",
        "Churn is not constant: those likely to leave go first, so the value is too low; not defined at churn 0.",
    ),
    Entry(
        simple_lifetime.cac_payback,
        "CAC payback",
        "獲客成本回收期",
        "okres zwrotu kosztu pozyskania klienta",
        "Payback",
        r"\frac{<cac>}{<arpa> \cdot <margin>}",
        {"cac": "CAC", "arpa": "ARPA", "margin": "g"},
        "number",
        "down",
        {"cac": 300, "arpa": 50, "margin": 0.5},
        12.0,
        _SKOK,
        "In periods of the ARPA, months as a rule; assumes that nobody leaves on the way.",
    ),
    Entry(
        simple_lifetime.ltv_to_cac,
        "LTV to CAC",
        "客戶終身價值與獲客成本比",
        "stosunek wartości życiowej klienta do kosztu pozyskania",
        "LTV{:}CAC",
        r"\frac{<ltv>}{<cac>}",
        {"ltv": "LTV", "cac": "CAC"},
        "number",
        "up",
        {"ltv": 900, "cac": 300},
        3.0,
        _SKOK,
        "Revenue over cost flatters: put margin in the numerator.",
    ),
)
