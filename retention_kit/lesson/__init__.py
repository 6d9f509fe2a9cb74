"""Helpers of lessons: checked exercises, formulas with their symbols, pictures with sliders, a glossary.

Lessons are written in `notebooks/solutions`; `python -m retention_kit.lesson notebooks/solutions notebooks/learn`
makes the lessons to work through, without answers and outputs.
"""

from retention_kit.lesson.check import Unanswered, check
from retention_kit.lesson.example_data import five_customers, ten_customers, ten_members, ten_shoppers, twenty_answers
from retention_kit.lesson.exercise import Exercise, Verdict
from retention_kit.lesson.formula import formula
from retention_kit.lesson.glossary import glossary
from retention_kit.lesson.learn import to_learn
from retention_kit.lesson.pictures.figures import bars, cut_map, memberships, order_calendar
from retention_kit.lesson.pictures.histories import purchase_histories
from retention_kit.lesson.pictures.line_chart import lines
from retention_kit.lesson.pictures.slider import slider

__all__ = [
    "Exercise",
    "Unanswered",
    "Verdict",
    "bars",
    "check",
    "cut_map",
    "five_customers",
    "formula",
    "glossary",
    "lines",
    "memberships",
    "order_calendar",
    "purchase_histories",
    "slider",
    "ten_customers",
    "ten_members",
    "ten_shoppers",
    "to_learn",
    "twenty_answers",
]
