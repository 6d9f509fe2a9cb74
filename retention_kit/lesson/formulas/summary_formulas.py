"""Formulas of customers, cohorts, RFM and surveys."""

from __future__ import annotations

from typing import Final

from retention_kit import metrics, summarise
from retention_kit.lesson.formulas.formula_entry import Formula, of_docstring
from retention_kit.models import rfm

FORMULAS: Final = {
    "wilson_interval": Formula(
        "Wilson interval of a share",
        of_docstring(metrics.wilson_interval),
        {
            "x": "customers who did it",
            "n": "customers who could have done it",
            "z": "normal quantile of the confidence level, 1.96 for 95 %",
        },
        "Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209–212",
    ),
    "customer_summary": Formula(
        "Frequency, recency and age of a customer",
        of_docstring(summarise.customers),
        {
            "t_1, …, t_n": "times of the customer's purchase events",
            "n": "number of purchase events",
            r"\tau": "end of observation, as_of",
            "x": "frequency: repeat events after the first",
            "t_x": "recency: time from the first to the last event",
            "T": "age: time from the first event to the end of observation",
        },
        "Fader, Hardie, Lee (2005), Marketing Science 24, 275–284",
    ),
    "cohort_rate": Formula(
        "Retention of a cohort at one age",
        r"\text{rate}_{c,k} = \frac{a_{c,k}}{n_c}",
        {
            "c": "cohort: the customers whose first order fell in one period",
            "k": "age: periods since then, 0 for that period itself",
            "n_c": "customers of the cohort",
            "a_{c,k}": "of these, who came back at age k, however that is counted",
        },
        "Common use",
    ),
    "pooled_rate": Formula(
        "Two averages over cohorts",
        of_docstring(summarise.pooled_curve),
        {
            "n_c": "customers of cohort c",
            "a_c": "of these, who came back",
            "C": "number of cohorts",
            r"\text{pooled}": "every customer counts alike",
            r"\text{mean of rates}": "every cohort counts alike",
        },
    ),
    "rate_decomposition": Formula(
        "Change of a rate, split into mix and rate",
        of_docstring(summarise.decompose),
        {
            "r_1, r_2": "total rate before and after",
            r"\Delta w_g": "change of group g's share of the customers",
            r"\bar w_g": "mean of its shares before and after",
            r"\Delta r_g": "change of its own rate",
            r"\bar r_g": "mean of its rates before and after",
            r"\bar r": "mean of the total rates before and after",
        },
        "Kitagawa, E. M. (1955), Journal of the American Statistical Association 50, 1168–1194",
    ),
    "rfm_cut_points": Formula(
        "Cut points of a score",
        of_docstring(rfm.cut_points),
        {
            "c_k": "the k-th cut point: a value that occurs in the data",
            "x_{(i)}": "the values in ascending order, the first of them x with index 0",
            "n": "number of customers",
            "g": "number of groups, as a rule 5",
        },
    ),
    "rfm_scores": Formula(
        "Scores from cut points",
        of_docstring(rfm.score),
        {
            "v": "a customer's value: orders for F (money for M in the same way), days since the last order for R",
            "c_k": "the cut points",
            "g": "number of groups",
        },
        "The idea: Hughes, A. M. (1994), Strategic Database Marketing; ties and cut points as in this package",
    ),
    "nps_interval": Formula(
        "Interval of an NPS",
        of_docstring(metrics.nps_interval),
        {
            "P, D": "number of promoters and of detractors",
            "n": "number of answers",
            r"\tilde p, \tilde d": "shares of promoters and detractors after three answers are added",
            "z": "normal quantile of the confidence level, 1.96 for 95 %",
        },
        "Rocks, B. (2016), The American Statistician 70, 365–372",
    ),
    "nps_answers_needed": Formula(
        "Answers needed for an interval of a given width",
        r"n \approx z^2 \, \frac{p + d - (p - d)^2}{h^2} - 3",
        {
            "n": "answers needed",
            "p, d": "expected shares of promoters and detractors",
            "h": "half the width of the interval as a fraction: 0.05 for 5 points",
            "z": "normal quantile of the confidence level, 1.96 for 95 %",
        },
        "The interval above, solved for n, with the shares as they are expected",
    ),
    "nps_change": Formula(
        "Test of a change of the NPS",
        of_docstring(metrics.nps_change_test),
        {
            r"\tilde p_1, \tilde d_1": "adjusted shares of promoters and detractors before",
            r"\tilde p_2, \tilde d_2": "the same after",
            "v_1, v_2": "variances of the two scores, as in their intervals",
            "z": "the change in standard errors; beyond 1.96 either way it is rarely chance",
        },
        "Two separate groups of people",
    ),
}
