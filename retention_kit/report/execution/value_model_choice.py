"""The value model of a month, which every page and list of its report uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import date
from typing import TYPE_CHECKING, Final

from retention_kit import load, wording
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.load.dataset import is_saved
from retention_kit.report.execution.execute import Executed
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.language import ENGLISH, Language
from retention_kit.report.notebooks.discovery import Notebook
from retention_kit.report.notebooks.plan import Plan, leaves_model_open
from retention_kit.report.settings.config import Config

if TYPE_CHECKING:
    from retention_kit.models.checks.value_model import ValueModel

_OPTIONS: Final = {"holdout_months": "months", "unit": "unit", "grain": "grain"}
"""Parameters of the report that also apply when the models are graded."""


class Choices:
    """The value model of each month of a run, chosen from the orders of all customers.

    The choice depends on the orders alone (see `models.value_model`): a report that is rebuilt, in any order and with
    or without earlier months, chooses the same model. The thread that owns the engine makes the choice (`settle`) while
    notebooks that do not need it run; the others wait.
    """

    def __init__(self, config: Config, data: Workspace) -> None:
        self.config, self.data = config, data
        self._chosen: dict[str, Future[ValueModel | None]] = {}

    def expect(self, months: Iterable[str]) -> None:
        """Announce the months whose choice will be needed."""
        self._chosen = {month: Future() for month in months}

    def settle(self, plans: Iterable[Plan]) -> None:
        """Make the choices, if a page or a list of these plans uses them."""
        is_open = any(leaves_model_open(notebook, plan) for plan in plans for notebook in plan.notebooks)
        choose = self._by_month() if is_open or self.config.actions else None
        for month, chosen in self._chosen.items():
            chosen.set_result(choose(month) if choose else None)

    def give_up(self, fault: BaseException) -> None:
        """Release everybody who waits for a choice that will not be made."""
        for chosen in self._chosen.values():
            if not chosen.done():
                chosen.set_exception(fault)

    def at(self, month: str) -> ValueModel | None:
        """The choice of a month, once it is made; None where the report has no orders, its parameters name a model, or
        the models cannot be graded, for which pages give the reason."""
        return self._chosen[month].result()

    def for_page(self, month: str, notebook: Notebook, plan: Plan) -> str:
        """The model that is passed to a page; empty where the page does not leave the choice to the report."""
        choice = self.at(month) if leaves_model_open(notebook, plan) else None
        return choice.model if choice else ""

    def for_lists(self, month: str) -> str:
        """The model that is passed to the action lists."""
        choice = self.at(month)
        return choice.model if choice else "auto"

    def used(self, month: str, executed: Mapping[str, Sequence[Executed]]) -> tuple[ValueModel | None, str]:
        """The choice, if any page used it, and the model that was passed to pages; empty where there was none."""
        given = [
            result.shown["model"] for results in executed.values() for result in results if "model" in result.shown
        ]
        return (self.at(month) if given else None), str(next(iter(given), ""))

    def _by_month(self) -> Callable[[str], ValueModel | None] | None:
        given = self.config.parameters
        if given.get("model", "auto") != "auto" or not is_saved(self.data.folder, "orders"):
            return None
        # takes a second to import, which reports without a model save
        from retention_kit.models.checks.value_model import ValueModels

        options = {name: given[key] for key, name in _OPTIONS.items() if key in given}
        try:
            models = ValueModels(load.orders(str(self.data.folder)), **options)
        except (ConfigError, DataError):
            return None

        def choose(month: str) -> ValueModel | None:
            try:
                return models.at(self.data.last_counted(month))
            except (ConfigError, DataError, FitError):
                return None

        return choose


def sentence(model: str, since: date | None, language: Language = ENGLISH) -> str:
    """How the index describes the choice."""
    name = wording.MODELS.get(model, model)
    if since is None:
        return language.gettext("%(model)s; no other model has clearly forecast better", model=name)
    return language.gettext(
        "%(model)s, since %(day)s, when it had clearly forecast better than the one before",
        model=name,
        day=language.day(since),
    )
