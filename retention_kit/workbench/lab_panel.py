"""The panel: choices come from the browser, answers go there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from retention_kit.errors import ConfigError, DataError
from retention_kit.formats import counted
from retention_kit.summarise.common.calendar_periods import PERIODS
from retention_kit.workbench.choice import DEFINITIONS, Choice, cell, customers_cell
from retention_kit.workbench.kept_answers import MOST_VALUES, Answers
from retention_kit.workbench.payload import listed, shown

_TRAITS = ("options", "request", "answer", "question", "listing")
_FIELDS = ("as_of", "period", "definition", "by", "value", "lapse_after")


def panel(answers: Answers, choice: Choice, orders: str) -> Any:
    """The widget of a log, with the answer to its first choice; an error of that choice is raised.

    The browser sets `request` and `question`; `answer` and `listing` are the replies, each with the number of what it
    replies to.
    """
    import anywidget
    import traitlets

    traits = {name: traitlets.Dict().tag(sync=True) for name in _TRAITS}
    files = {"_esm": _text("panel.js"), "_css": _text("panel.css"), "__repr__": _described}
    workbench: Any = type("Workbench", (anywidget.AnyWidget,), {**traits, **files})
    widget = workbench(options=_options(answers), answer=reply(answers, choice, orders))

    def answered(change: Any) -> None:
        request = change["new"]
        widget.answer = attempt(lambda: reply(answers, _choice(request), orders)) | {"number": request["number"]}

    def listed_customers(change: Any) -> None:
        asked = change["new"]
        widget.listing = attempt(lambda: customers_reply(answers, orders, asked)) | {"number": asked["number"]}

    widget.observe(answered, names="request")
    widget.observe(listed_customers, names="question")
    return widget


def _text(file: str) -> str:
    return Path(__file__).with_name(file).read_text(encoding="utf-8")


def _described(widget: Any) -> str:
    """What is shown where no panel can be."""
    return f"<workbench: {widget.answer.get('summary', '')}>"


def _choice(request: dict[str, Any]) -> Choice:
    fields: dict[str, Any] = {name: request.get(name) for name in _FIELDS}
    return Choice(**fields)


def reply(answers: Answers, choice: Choice, orders: str) -> dict[str, Any]:
    """The answer to a choice; a column without a value has that of the largest group."""
    began = time.perf_counter()
    if choice.by is not None and choice.value is None:
        choice = Choice(**{**vars(choice), "value": answers.values(choice)[0]})
    tables = answers.tables(choice)
    cohorts = tables.cohorts["cohort"].nunique()
    customers = int(tables.cohorts.groupby("cohort")["size"].first().sum())
    return {
        **shown(tables, choice.period),
        "choice": vars(choice),
        "values": answers.values(choice),
        "summary": f"{counted(customers, 'customer')} in {counted(cohorts, 'cohort')} up to {choice.as_of}",
        "seconds": round(time.perf_counter() - began, 2),
        "notes": list(tables.notes),
        "code": cell(choice, orders),
    }


def customers_reply(answers: Answers, orders: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The list of a cohort or of a cell."""
    choice, cohort, age = _choice(asked["choice"]), asked["cohort"], asked["age"]
    customers = answers.customers(choice, cohort, age)
    return {
        "rows": listed(customers),
        "all": int(customers["all"].iloc[0]) if len(customers) else 0,
        "code": customers_cell(choice, orders, cohort, age),
    }


def attempt(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A reply, or the error in words. Nobody reads the kernel's log, so an unexpected error is shown as well."""
    try:
        return work()
    except (ConfigError, DataError) as error:
        return {"error": str(error)}
    except Exception as error:
        return {"error": f"This should not happen, please report it: {type(error).__name__}: {error}"}


def _options(answers: Answers) -> dict[str, Any]:
    left_out = [name for name, n in answers.columns.items() if n > MOST_VALUES]
    return {
        "periods": list(PERIODS),
        "definitions": {name: text for name, (text, _) in DEFINITIONS.items()},
        "dimensions": answers.dimensions,
        "left_out": f"Not offered, with more than {MOST_VALUES} values: {', '.join(left_out)}." if left_out else "",
        "first_day": answers.days[0],
        "last_day": answers.days[1],
        "currency": answers.currency,
    }
