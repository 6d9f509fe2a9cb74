"""Scores of surveys: NPS, CSAT, CES, from counts of answers."""

from __future__ import annotations

from retention_kit.metrics.common.formula_inputs import require_counts, require_part
from retention_kit.metrics.common.ratios import Number, ratio


def nps(promoters: Number, passives: Number, detractors: Number) -> Number:
    r"""Net Promoter Score: points of promoters less points of detractors.

    Parameters
    ----------
    promoters, passives, detractors : number or Series by period
        Answers 9–10, 7–8 and 0–6 (or sums of their weights); blanks are in none of them.

    Returns
    -------
    number or Series by period
        Points from −100 to 100; NaN without answers.

    Notes
    -----
    .. math:: NPS = 100 \, (P - D) / (P + Q + D)

    Reichheld, F. (2003), Harvard Business Review 81(12). A difference of two shares is noisier than either: show
    `nps_interval` with it.

    Examples
    --------
    >>> nps(promoters=70, passives=20, detractors=10)
    60.0
    """
    require_counts(promoters=promoters, passives=passives, detractors=detractors)
    return 100 * ratio(promoters - detractors, promoters + passives + detractors)


def csat(satisfied: Number, answers: Number) -> Number:
    r"""Share of answers that are satisfied.

    Parameters
    ----------
    satisfied, answers : number or Series by period
        Answers in the top two boxes of the scale, and all answers, blanks left out.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN without answers.

    Notes
    -----
    .. math:: CSAT = A_{satisfied} / A

    State the scale: 4–5 of five is not 9–10 of ten, nor 6–7 of seven.

    Examples
    --------
    >>> csat(satisfied=400, answers=500)
    0.8
    """
    require_part(satisfied=satisfied, answers=answers)
    return ratio(satisfied, answers)


def ces(score_sum: Number, answers: Number) -> Number:
    r"""Customer Effort Score: mean answer on the scale from 1 to 7, or to 5.

    Parameters
    ----------
    score_sum, answers : number or Series by period
        Sum of the scores, and the number of answers, blanks left out.

    Returns
    -------
    number or Series by period
        1 to 7 (or 5); NaN without answers. The top is good where the question is "it was made easy for me".

    Notes
    -----
    .. math:: CES = \sum_i s_i / A

    State the direction: the first version of the question asked how much effort it took, and there 1 was good.

    Examples
    --------
    >>> ces(score_sum=560, answers=100)
    5.6
    """
    require_counts(score_sum=score_sum, answers=answers)
    return ratio(score_sum, answers)


def ces_agreement(agreeing: Number, answers: Number) -> Number:
    r"""Share of answers that agree it was easy (5–7 of seven, 4–5 of five).

    Parameters
    ----------
    agreeing, answers : number or Series by period
        Answers 5, 6 and 7 (of five: 4 and 5), and all answers, blanks left out.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN without answers.

    Notes
    -----
    .. math:: A_{5-7} / A

    Examples
    --------
    >>> ces_agreement(agreeing=75, answers=100)
    0.75
    """
    require_part(agreeing=agreeing, answers=answers)
    return ratio(agreeing, answers)


def response_rate(answers: Number, non_response: Number) -> Number:
    r"""Share of the people asked who answered.

    Parameters
    ----------
    answers, non_response : number or Series by period
        Answers, and blanks.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN where nobody was asked.

    Notes
    -----
    .. math:: A / (A + B)

    Right only if the export lists those who did not answer.

    Examples
    --------
    >>> response_rate(answers=40, non_response=160)
    0.2
    """
    require_counts(answers=answers, non_response=non_response)
    return ratio(answers, answers + non_response)
