"""Formulas of the probability models and of lifetime value."""

from __future__ import annotations

from typing import Final

from retention_kit import models
from retention_kit.lesson.formulas.formula_entry import Formula, of_docstring

_SBG: Final = {
    r"\alpha, \beta": "parameters of the beta distribution of the customers' chances of leaving",
    "t": "number of the renewal, from 1",
}
_FADER_HARDIE_2007: Final = "Fader, Hardie (2007), Journal of Interactive Marketing 21(1), 76–90"
_HISTORY: Final = {
    "x": "frequency: repeat purchases so far",
    "t_x": "recency: time of the last of them since the first purchase",
    "T": "age: time from the first purchase to the end of observation",
}
_BGNBD: Final = {
    r"r, \alpha": "shape and rate of the gamma distribution of purchase rates λ",
    "a, b": "parameters of the beta distribution of dropout probabilities p",
}
_ONCE: Final = {r"\delta_{x>0}": "1 if there was a repeat purchase, else 0"}
_FHL_2005: Final = "Fader, Hardie, Lee (2005), Marketing Science 24(2), 275–284"
_GAMMA_GAMMA: Final = {
    "x": "frequency: repeat purchases so far",
    r"\bar z": "their mean value, monetary_value",
    "p": "shape of one customer's purchases: large means that they are alike",
    r"q, \gamma": "shape and rate of the gamma distribution of the customers' own scales",
}
_NOTE_025: Final = "Fader, Hardie (2013), The Gamma-Gamma Model of Monetary Value, note 025"

FORMULAS: Final = {
    "sbg_survival": Formula(
        "Survival in the shifted beta-geometric model",
        r"S(t) = \frac{B(\alpha, \beta + t)}{B(\alpha, \beta)}",
        {"S(t)": "share of a cohort that is still there after t renewals", **_SBG, "B": "the beta function"},
        _FADER_HARDIE_2007,
    ),
    "sbg_retention": Formula(
        "Retention rate in the shifted beta-geometric model",
        r"r(t) = \frac{S(t)}{S(t-1)} = \frac{\beta + t - 1}{\alpha + \beta + t - 1}",
        {"r(t)": "share of those who came up for renewal t and took it", **_SBG},
        _FADER_HARDIE_2007,
    ),
    "residual_lifetime": Formula(
        "Discounted expected residual lifetime",
        of_docstring(models.ShiftedBetaGeometric.expected_renewals),
        {
            "n": "renewals that the customer has taken so far",
            "S(n + k)": "share of the cohort that takes k more",
            "d": "discount rate per period",
            "t": "renewals to come that are counted, without end if need be",
        },
        "Fader, Hardie (2010), Marketing Science 29(1), 85–93",
    ),
    "bgnbd_one_customer": Formula(
        "Likelihood of one customer's history, if rate and dropout probability were known",
        r"L(\lambda, p) = (1-p)^x \lambda^x e^{-\lambda T} + \delta_{x>0}\; p\,(1-p)^{x-1} \lambda^x e^{-\lambda t_x}",
        {
            r"\lambda": "the customer's rate: purchases per unit of time while there",
            "p": "the customer's probability of leaving after a repeat purchase",
            **_HISTORY,
            **_ONCE,
        },
        f"{_FHL_2005}, eq. 3",
    ),
    "bgnbd_likelihood": Formula(
        "BG/NBD likelihood of one customer's history",
        r"L(r, \alpha, a, b) = \frac{B(a, b+x)}{B(a, b)} \frac{\Gamma(r+x)\,\alpha^r}{\Gamma(r)\,(\alpha+T)^{r+x}}"
        r" + \delta_{x>0} \frac{B(a+1, b+x-1)}{B(a, b)} \frac{\Gamma(r+x)\,\alpha^r}{\Gamma(r)\,(\alpha+t_x)^{r+x}}",
        {**_BGNBD, **_HISTORY, **_ONCE, "B": "the beta function", r"\Gamma": "the gamma function"},
        f"{_FHL_2005}, eq. 6",
    ),
    "bgnbd_alive": Formula(
        "Probability of being alive in the BG/NBD model",
        r"P(\text{alive}) = \frac{1}"
        r"{1 + \delta_{x>0}\, \frac{a}{b+x-1} \left(\frac{\alpha+T}{\alpha+t_x}\right)^{r+x}}",
        {**_BGNBD, **_HISTORY, **_ONCE},
        "Fader, Hardie, Lee (2008), Computing P(alive) Using the BG/NBD Model, note 021",
    ),
    "gamma_gamma_likelihood": Formula(
        "Gamma-Gamma likelihood of one customer's mean value",
        r"f(\bar z \mid x) = \frac{\Gamma(px+q)}{\Gamma(px)\,\Gamma(q)}"
        r" \frac{\gamma^q\, \bar z^{\,px-1}\, x^{px}}{(\gamma + x \bar z)^{px+q}}",
        {**_GAMMA_GAMMA, r"\Gamma": "the gamma function"},
        f"{_NOTE_025}, eq. 1a",
    ),
    "gamma_gamma_value": Formula(
        "Expected value of a customer's purchases",
        r"E[M \mid x, \bar z] = w\,\bar z + (1-w)\, \frac{p\gamma}{q-1}, \qquad w = \frac{px}{px+q-1}",
        {
            "M": "the customer's true mean value, which nobody sees",
            "w": "weight of the customer's own mean",
            **_GAMMA_GAMMA,
            r"\frac{p\gamma}{q-1}": "mean of all customers",
        },
        f"{_NOTE_025}, eq. 5",
    ),
    "present_value": Formula(
        "Today's worth of money that comes later",
        r"V_0 = \frac{V_u}{(1+d)^u} = e^{-\delta u}\, V_u, \qquad \delta = \ln(1+d)",
        {
            "V_u": "money that comes after u years",
            "V_0": "what it is worth today",
            "d": "discount rate per year, 0.1 for 10 %",
            r"\delta": "the same as a continuous rate",
        },
    ),
    "lifetime_value": Formula(
        "Customer lifetime value",
        of_docstring(models.lifetime_value),
        {
            "m": "margin: share of the revenue that is kept",
            r"E[M \mid x, \bar z]": "expected value of a purchase (Gamma-Gamma)",
            "t": "horizon: how far ahead is counted",
            r"\delta": "continuous discount rate",
            r"E[\lambda(T + u) \mid x, t_x, T]": "expected purchases per unit of time, u after the end of observation",
        },
        "Fader, Hardie, Lee (2005), Journal of Marketing Research 42(4), 415–430",
    ),
    "log_density": Formula(
        "Log density per customer",
        r"\ell = \frac{1}{n} \sum_{i=1}^{n} \ln P_i(\text{purchases of } i = y_i)",
        {
            "n": "customers",
            "y_i": "purchases that customer i made in the holdout",
            "P_i": "probability that the forecast gave to that number",
        },
    ),
    "shrunk_mean_square": Formula(
        "Mean squared error, shrunk to that of other shops",
        r"M = \frac{4\, m + n\, \overline{e^2}}{4 + n}",
        {
            "e": "past errors, log(actual / forecast)",
            "n": "independent forecasts that they are worth",
            "m": "mean squared error of such a forecast in other shops",
        },
    ),
    "error_level": Formula(
        "Level of past errors",
        r"l = \frac{n}{n + 8\, v / m}\ \bar e",
        {
            r"\bar e": "mean of the past errors, log(actual / forecast)",
            "n": "independent forecasts that they are worth",
            "v": "mean square of the errors less their mean, shrunk to m as above",
            "m": "mean squared error of such a forecast in other shops",
        },
    ),
    "error_spread": Formula(
        "Variance of the model's error",
        r"\sigma^2 = \frac{4\, s^2 + \sum_h n_h v_h}{4 + \sum_h n_h}",
        {
            "s": "standard deviation of such errors in other shops, 0.2 for purchases",
            "n_h": "independent forecasts that the errors at horizon h are worth; half of them at other horizons",
            "v_h": "mean square of the errors at horizon h, less c², the variance by chance and parameters",
        },
    ),
}
