"""Every public function and every argument: inside its domain it works, outside it is refused in words.

The valid call of each function is that of its own example; the kind of each argument stands in the tables below. A
function without an example, or an argument without a kind, fails a test, so that what is new has to join. What is
wrong by its kind must end in DataError, ConfigError or FitError, or in a warning; never in an error of pandas, numpy,
an engine or Python, and never in an answer without a word.
"""

import doctest
import functools
import importlib
import inspect
import sys
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention_kit.errors import ConfigError, DataError, FitError, RetentionKitWarning

mpl.use("Agg")
FOLDERS = ["load", "summarise", "metrics", "models", "models.rfm", "plots", "tables", "simulate", "lesson", "report"]
REFUSALS = (DataError, ConfigError, FitError)

NO_NUMBER = [None, "3", [], pd.Timedelta("7D"), pd.Timestamp("2026-01-01")]
WRONG = {
    "count": [-1, 2.5, np.nan, np.inf, *NO_NUMBER],
    "time": [-1.0, np.nan, np.inf, *NO_NUMBER],
    "rate": [-0.5, np.nan, np.inf, *NO_NUMBER],
    "positive": [0, -1.0, np.nan, *NO_NUMBER],
    "level": [0, 1, 95, -0.1, np.nan, *NO_NUMBER],
    "share": [1.5, -0.1, np.inf, *NO_NUMBER],
    "metric": [-1, np.inf, "3", None, [1], True, np.array([1, 2]), pd.Timedelta("7D"), pd.Series(["a"])],
    "money": [np.inf, "3", None, [1], True, np.array([1, 2]), pd.Timedelta("7D"), pd.Series(["a"])],
    "day": ["soon", "2026-13-01", 5, 2.5, np.nan, True, [], pd.Timedelta("7D"), pd.NaT],
    "choice": ["nonsense", "", 5, np.nan, [], pd.Timedelta("7D")],
    "flag": ["no", 1, None, np.nan],
    "table": [None, 5, "table", [], np.zeros((2, 2)), pd.DataFrame(), pd.DataFrame({"x": [1]})],
    "any table": [None, 5, "table", [], np.zeros((2, 2))],
    "model": [None, 5, "BGNBD", [], pd.DataFrame()],
    "column": ["no such column", 5, ["no such column"]],
    "source": [None, 5, "no such file.csv", [], np.zeros((2, 2)), pd.DataFrame({"x": [1]})],
    "preset": ["no such vendor", 5, []],
    "zone": ["Mars/Olympus", 5, [], pd.Timedelta("1h")],
    "month": ["2026-13", "soon", 5, None, []],
    "known": ["nonsense", "", 5, None, []],
}
"""Just outside the domain, not a number, without end, and of another type; None only where it is not the default."""

NAMES = {
    "count": "draws seed ages steps top points periods min_size min_count most limit min_gaps groups max_frequency"
    " minimum_n opportunities age n_customers n invited origins",
    "time": "t until",
    "positive": "T r alpha a b s beta p q gamma delta c months horizon",
    "rate": "annual_discount_rate",
    "level": "level",
    "day": "as_of since split first last cohort",
    "choice": "period unit grain counting members repeats kind prior",
    "flag": "rolling reactivation pooled from_zero replace log_gaps futures",
    "table": "orders surveys subscriptions orders_or_subscriptions lines cohorts customers before after curves scored"
    " segmented moves answers history behaviour table histogram bins grid observed expected segments shares"
    " frame trend",
    "model": "model transactions spend",
    "column": "by",
    "free": "ax title label labels formats note id caption currency names alt rates rules columns cuts axes value"
    " values brackets start order arguments named prediction purchase_times models purchase dropout weights metric data"
    " numbers definition every by_plan back keys results errors plot reference folder dirty x y of count durations"
    " observed counts successes scale lapse_after measure p_values churn survivors money quiet_below share frequency"
    " happened candidates band behind about x_label y_label missing covariates path past forecast k",
}
"""Kinds by name, as one name has one meaning. Free: texts that are only shown, and what has several kinds and tests of
its own in the test file of its function."""
KIND = {name: kind for kind, names in NAMES.items() for name in names.split()}

EXCEPTIONS = {
    **{
        f"metrics.{name}": kind
        for kind, names in {
            "metric": "retention_rate.start retention_rate.end retention_rate.new kept_rate.start kept_rate.kept "
            "churn_rate.start churn_rate.lost repeat_purchase_rate.customers "
            "repeat_purchase_rate.repeat_customers repeat_rate_at_age.reached repeat_rate_at_age.repeated "
            "loyal_customer_rate.customers loyal_customer_rate.loyal_customers customer_growth_rate.start "
            "customer_growth_rate.end conversion_rate.visitors conversion_rate.conversions "
            "average_order_value.orders purchase_frequency.orders purchase_frequency.customers arpu.customers "
            "mrr.price mrr.months mrr.quantity mrr_end.start mrr_end.new mrr_end.expansion mrr_end.reactivation "
            "mrr_end.contraction mrr_end.churn quick_ratio.new quick_ratio.expansion quick_ratio.contraction "
            "quick_ratio.churn quick_ratio.reactivation revenue_churn_rate.start revenue_churn_rate.churn "
            "gross_revenue_churn.start gross_revenue_churn.contraction gross_revenue_churn.churn "
            "net_revenue_churn.start net_revenue_churn.expansion net_revenue_churn.contraction "
            "net_revenue_churn.churn net_revenue_churn.reactivation net_revenue_retention.start "
            "net_revenue_retention.expansion net_revenue_retention.contraction net_revenue_retention.churn "
            "gross_revenue_retention.start gross_revenue_retention.contraction gross_revenue_retention.churn "
            "clv_simple.orders_per_year clv_simple.years clv_with_margin.transactions clv_with_margin.years "
            "clv_with_margin.customers clv_naive.repeat_rate clv_naive.cac cac_payback.cac ltv_to_cac.cac "
            "nps.promoters nps.passives nps.detractors csat.satisfied csat.answers ces.score_sum ces.answers "
            "ces_agreement.agreeing ces_agreement.answers response_rate.answers response_rate.non_response "
            "nps_interval.promoters nps_interval.passives nps_interval.detractors wilson_interval.successes "
            "wilson_interval.n share_change_test.successes_before share_change_test.n_before "
            "share_change_test.successes_after share_change_test.n_after",
            "money": "average_order_value.revenue arpu.revenue arr.mrr mrr_end.exchange clv_simple.order_value "
            "clv_with_margin.price clv_naive.order_value ltv_from_churn.arpa cac_payback.arpa ltv_to_cac.ltv "
            "ratio.top ratio.bottom",
            "share": "clv_with_margin.margin ltv_from_churn.churn cac_payback.margin",
            "free": "nps_interval.n nps_change_test.before nps_change_test.after",
        }.items()
        for name in names.split()
    },
    "plots.cohort_lines.period": "free",
    "plots.revenue_layers.period": "free",
    "plots.retention_heatmap.unit": "choice",
    **{
        f"load.{table}.{argument}": kind
        for table in ("orders", "order_lines", "subscriptions", "surveys", "visits")
        for argument, kind in {"source": "source", "preset": "preset", "timezone": "zone", "how": "free"}.items()
    },
    **{f"load.{table}.connection": "free" for table in ("orders", "order_lines", "subscriptions", "surveys", "visits")},
    "load.sample.name": "known",
    "lesson.check.name": "known",
    "lesson.check.answer": "free",
    "lesson.formula.metric": "known",
    "lesson.lines.points": "free",
    "lesson.glossary.terms": "free",
    "lesson.slider.function": "free",
    "lesson.slider.ranges": "free",
    "lesson.to_learn.solution": "free",
    "lesson.cut_map.recency": "free",
    "lesson.order_calendar.log": "table",
    "lesson.purchase_histories.purchases": "table",
    "lesson.purchase_histories.left": "free",
    "lesson.purchase_histories.until": "positive",
    "tables.customer.customer_id": "column",
    "tables.customer.months": "positive",
    "tables.customer.model": "choice",
    "tables.customer.margin": "free",
    "tables.left_out.reason": "free",
    "tables.three_digits.intervals": "free",
    "report.init.path": "free",
    "report.init.orders": "free",
    "report.init.options": "free",
    "report.read_config.path": "free",
    "report.month_range.first": "month",
    "report.month_range.last": "month",
    "report.read_parameters.assignments": "free",
    "report.read_parameters.config": "free",
    "report.run.config": "free",
    "report.run.months": "free",
    "report.run.jobs": "free",
    "report.run.force": "free",
    "report.run.progress": "free",
    "summarise.billing_months.subscriptions": "any table",
    "tables.table.frame": "any table",
    "plots.coverage.periods": "table",
    "plots.revenue_split.periods": "table",
    "plots.customer_movements.period": "free",
    "plots.mrr_movements.period": "free",
    "plots.decomposition.before": "free",
    "plots.decomposition.after": "free",
    "plots.waterfall.steps": "table",
    "plots.retention_curves.pooled": "table",
    "plots.retention_curves.since": "free",
    "plots.retention_heatmap.since": "free",
    "plots.expected_curve.observed": "table",
    "metrics.mrr_history.squares": "table",
    "plots.show.tables": "free",
    "plots.sparklines.last": "free",
    "summarise.order_gaps.since": "choice",
    "summarise.time_to_order.since": "choice",
    "summarise.overdue.p": "level",
    "summarise.median_times.share": "level",
    "summarise.logrank.groups": "free",
    "summarise.survival.groups": "free",
    "summarise.wilson.n": "free",
    "simulate.write.folder": "free",
    "models.lifetime_value.margin": "share",
    "models.break_even_cost.margin": "share",
    "models.break_even_cost.purchases": "model",
    "summarise.early_returns.within": "count",
    "metrics.worth_of_returns.returns": "table",
    "metrics.worth_of_returns.new_customers": "rate",
    "metrics.worth_of_returns.change": "free",
    "metrics.worth_of_returns.margin": "share",
    "models.frequency_recency_grid.T": "positive",
    "models.frequency_recency_grid.t": "time",
    "models.renewals.customers": "positive",
    "models.holdout_split.months": "count",
    "models.tracking.start": "day",
    "models.rfm.fallers.segments": "free",
    "models.rfm.migration_matrix.segments": "model",
    "models.rfm.segment.segments": "model",
    "models.rfm.by_segment.segments": "model",
    "models.rfm.value_at_stake.segments": "model",
    "models.rfm.at_risk.within": "free",
    "summarise.product_pairs.within": "choice",
    "simulate.store.customers": "count",
    "simulate.write.customers": "count",
}
"""By address, where a name means something else."""


def public_functions():
    for folder in FOLDERS:
        module = importlib.import_module(f"retention_kit.{folder}")
        for name in module.__all__:
            if inspect.isfunction(getattr(module, name)):
                yield f"{folder}.{name}", module, getattr(module, name)


@functools.cache
def valid_call(address):
    """The first call of a function in its own example, with the objects it was given."""
    _, module, function = next(entry for entry in public_functions() if entry[0] == address)
    calls, signature = [], inspect.signature(function)

    @functools.wraps(function)
    def recorded(*arguments, **named):
        calls.append(signature.bind(*arguments, **named))
        return function(*arguments, **named)

    home, name = sys.modules[function.__module__], function.__name__
    (example,) = doctest.DocTestFinder(recurse=False).find(function, name, module=home, globs=dict(vars(home)))
    given = {**example.globs, name: recorded}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setattr(module, name, recorded)
        for step in example.examples:
            if step.exc_msg is None:
                exec(compile(step.source, f"<example of {address}>", "single"), given)
    plt.close("all")
    return calls[0]


def kind_of(address, argument):
    return EXCEPTIONS.get(f"{address}.{argument}") or KIND.get(argument)


ADDRESSES = [address for address, _, _ in public_functions()]
ARGUMENTS = [
    (address, argument)
    for address, _, function in public_functions()
    for argument in inspect.signature(function).parameters
    if kind_of(address, argument) not in (None, "free")
]


def optional(parameter):
    """Whether None is in the domain."""
    return parameter.default is None or "None" in str(parameter.annotation)


@pytest.mark.parametrize("address", [a for a in ADDRESSES if a != "report.run"])  # its example would make a month
def test_every_function_has_an_example_and_every_argument_a_kind(address):
    assert valid_call(address) is not None
    function = next(f for a, _, f in public_functions() if a == address)
    without = [n for n in inspect.signature(function).parameters if not kind_of(address, n)]
    assert without == [], without


@pytest.mark.parametrize(("address", "argument"), ARGUMENTS)
def test_what_is_wrong_by_its_kind_is_refused_in_words(address, argument):
    call, function = valid_call(address), next(f for a, _, f in public_functions() if a == address)
    parameter, faults = inspect.signature(function).parameters[argument], []
    for wrong in WRONG[kind_of(address, argument)]:
        if wrong is None and optional(parameter):
            continue
        bound = inspect.signature(function).bind(*call.args, **call.kwargs)
        bound.arguments[argument] = wrong
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                answer = function(*bound.args, **bound.kwargs)
            except REFUSALS:
                continue
            except Exception as error:
                faults.append(f"{wrong!r}: {type(error).__name__}: {str(error)[:80]}")
                continue
            finally:
                plt.close("all")
        if not any(issubclass(w.category, RetentionKitWarning) for w in said):
            faults.append(f"{wrong!r}: answered with {type(answer).__name__}")
    assert not faults, "\n".join(faults)
