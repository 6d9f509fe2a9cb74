"""Meanings of the symbols in the catalogue's formulas."""

from __future__ import annotations

from typing import Final

MEANINGS: Final = {
    "start": "customers at the start of the period",
    "end": "customers at its end",
    "new": "of those at the end, who was not there at the start",
    "kept": "of those at the start, who is still there at the end",
    "lost": "of those at the start, who is gone at the end",
    "customers": "customers who ordered in the window",
    "repeat_customers": "of these, who ordered twice or more",
    "reached": "customers who reached the age within the period",
    "repeated": "of these, who had ordered again by that age",
    "loyal_customers": "of these, who ordered more than k times; k is the shop's choice",
    "visitors": "people who came",
    "conversions": "of these, who bought",
    "revenue": "revenue, refunds taken off",
    "orders": "number of orders, refunds not counted",
    "price": "price",
    "quantity": "how many are sold at it",
    "months": "months that the price pays for: 1 or 12",
    "mrr": "monthly recurring revenue",
    "expansion": "MRR won from customers who took more",
    "contraction": "MRR lost to customers who took less",
    "churn": "MRR lost with customers who left",
    "reactivation": "MRR of customers who came back",
    "exchange": "change of MRR by exchange rates alone",
    "order_value": "average order value",
    "orders_per_year": "orders of a customer in a year",
    "years": "years that a customer stays",
    "transactions": "all orders of the firm in a year",
    "margin": "share of revenue that is profit",
    "repeat_rate": "repeat purchase rate",
    "cac": "cost to acquire one customer",
    "arpa": "revenue per customer and month",
    "ltv": "lifetime value of a customer",
    "promoters": "answers of 9 or 10",
    "passives": "answers of 7 or 8",
    "detractors": "answers from 0 to 6",
    "satisfied": "answers in the top boxes of the scale",
    "answers": "answers, blanks left out",
    "score_sum": "sum of all scores",
    "agreeing": "answers of 5, 6 or 7 out of seven",
    "non_response": "people asked who did not answer",
}
"""Meaning of each parameter of the metrics' functions."""

_MRR: Final = {
    "start": "MRR at the start of the period",
    "new": "MRR of new customers",
}
_SPECIAL: Final = {
    ("ltv_from_churn", "churn"): "share of customers who leave in a month",
    ("clv_with_margin", "customers"): "customers of the firm",
    ("arpu", "customers"): "customers active in the period",
}


def meaning(metric: str, parameter: str) -> str:
    """What a parameter of a metric stands for.

    Examples
    --------
    >>> meaning("churn_rate", "start"), meaning("net_revenue_retention", "start")
    ('customers at the start of the period', 'MRR at the start of the period')
    """
    about_money = "revenue_" in metric or metric in ("mrr_end", "quick_ratio")
    return _SPECIAL.get((metric, parameter)) or (_MRR.get(parameter) if about_money else None) or MEANINGS[parameter]
