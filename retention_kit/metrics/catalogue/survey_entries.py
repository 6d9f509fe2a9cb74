"""Entries of survey scores."""

from __future__ import annotations

from typing import Final

from retention_kit.metrics.catalogue.metric_entry import Entry
from retention_kit.metrics.surveys import score_formulas

__all__ = ["ENTRIES"]

ENTRIES: Final = (
    Entry(
        score_formulas.nps,
        "Net Promoter Score",
        "淨推薦值",
        "wskaźnik rekomendacji netto",
        "NPS",
        r"100 \cdot \frac{<promoters> - <detractors>}{<promoters> + <passives> + <detractors>}",
        {"promoters": "P", "passives": "Q", "detractors": "D"},
        "score",
        "up",
        {"promoters": 70, "passives": 20, "detractors": 10},
        60.0,
        "Reichheld (2003), Harvard Business Review 81(12)",
        "A difference of two shares is noisier than either: 100 answers leave about 13 points on each side.",
    ),
    Entry(
        score_formulas.csat,
        "Customer satisfaction score",
        "顧客滿意度",
        "wynik satysfakcji klienta",
        "CSAT",
        r"\frac{<satisfied>}{<answers>}",
        {"satisfied": "A_{sat}", "answers": "A"},
        "rate",
        "up",
        {"satisfied": 400, "answers": 500},
        0.8,
        "Farris et al. (2010), Marketing Metrics, 2nd ed., ch. 2",
        "4–5 of five and 9–10 of ten are not the same share: state the scale.",
    ),
    Entry(
        score_formulas.ces,
        "Customer effort score",
        "顧客費力程度",
        "wskaźnik wysiłku klienta",
        "CES",
        r"\frac{<score_sum>}{<answers>}",
        {"score_sum": r"\sum s", "answers": "A"},
        "score",
        "up",
        {"score_sum": 560, "answers": 100},
        5.6,
        "Dixon, Freeman, Toman (2010), Harvard Business Review 88(7)",
        "The first version asked how much effort it took, and there a low score was good: state the direction.",
    ),
    Entry(
        score_formulas.ces_agreement,
        "Share who found it easy",
        "認為容易的比例",
        "odsetek klientów, którym było łatwo",
        "CES_{5-7}",
        r"\frac{<agreeing>}{<answers>}",
        {"agreeing": "A_{5-7}", "answers": "A"},
        "rate",
        "up",
        {"agreeing": 75, "answers": 100},
        0.75,
        "Common use with the seven-point scale",
        "5, 6 and 7 count alike; the mean tells them apart.",
    ),
    Entry(
        score_formulas.response_rate,
        "Response rate",
        "回覆率",
        "odsetek odpowiedzi",
        "Response",
        r"\frac{<answers>}{<answers> + <non_response>}",
        {"answers": "A", "non_response": "B"},
        "rate",
        "up",
        {"answers": 40, "non_response": 160},
        0.2,
        "AAPOR, Standard Definitions",
        "Right only if the export lists those who did not answer.",
    ),
)
