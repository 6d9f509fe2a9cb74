"""Exercises of lesson 5: surveys."""

from __future__ import annotations

from typing import Final

from retention_kit import metrics
from retention_kit.lesson.exercise import Exercise
from retention_kit.metrics.common.share_intervals import z_of


def _needed(half: float, p: float = 0.5, d: float = 0.2) -> float:
    """Answers for an interval of plus and minus `half`, a fraction."""
    return z_of(0.95) ** 2 * (p + d - (p - d) ** 2) / half**2 - 3


def _verdicts() -> list[str]:
    """Whether 60/25/15 in place of 50/30/20 percent is more than noise, with 100 and with 400 answers."""
    verdicts = []
    for n in (1, 4):
        last = {"promoters": 50 * n, "passives": 30 * n, "detractors": 20 * n}
        this = {"promoters": 60 * n, "passives": 25 * n, "detractors": 15 * n}
        verdicts.append("yes" if metrics.nps_change_test(last, this).p_value < 0.05 else "no")
    return verdicts


EXERCISES: Final = {
    "nps_of_two_hundred": Exercise(
        lambda: metrics.nps(promoters=130, passives=45, detractors=25),
        hints=(
            (100 * (130 - 25) / 250, "Those who did not answer are in your denominator. They have said nothing."),
            (130 - 25, "That is a number of people. The score is a difference of shares, in points."),
            (65, "These are the promoters alone. The detractors are taken off."),
            (0.525, "As a share that is right. The score is written in points, from −100 to 100."),
            (100 * (130 - 70) / 200, "A 7 or an 8 is no detractor: passives count below the line only."),
            (100 * (130 - 25) / 155, "Passives are missing below the line: they have answered."),
        ),
        unit="score",
        why="Shares of 65 % and 12.5 % of 200 answers.",
    ),
    "answers_for_four_points": Exercise(
        lambda: _needed(0.04),
        hints=(
            (lambda: _needed(0.05), "That is for five points either way."),
            (lambda: _needed(0.02), "Half the width is four points, not the whole."),
            (
                lambda: z_of(0.95) ** 2 * 0.25 / 0.04**2,
                "That is for a share of one half. An NPS is a difference of two shares.",
            ),
            (lambda: _needed(4), "h is a fraction: four points are 0.04."),
            (lambda: z_of(0.95) ** 2 * 0.7 / 0.04**2 - 3, "The square of the difference p − d is taken off p + d."),
        ),
        tolerance=6,
        unit="count",
        why="Every point less costs more than the one before: the square is in the denominator.",
    ),
    "change_or_noise": Exercise(
        _verdicts,
        hints=(
            (["yes", "yes"], "Look at the p value with 100 answers: how often would chance alone do this?"),
            (["no", "no"], "Four times the answers make the standard error half as large."),
            (["yes", "no"], "More answers make a change clearer, not less clear."),
        ),
        unit="text",
        why="The same 15 points: noise with 100 answers a month, a change with 400.",
        otherwise='Two words, each "yes" or "no", in small letters.',
    ),
    "satisfied": Exercise(
        lambda: metrics.csat(satisfied=60, answers=80),
        hints=(
            (0.6, "Blanks are in your denominator."),
            (0.5, "The top two boxes are 4 and 5, both."),
            (75, "Rates are fractions here."),
        ),
        unit="rate",
        why="40 and 20 of 80 answers.",
    ),
}
