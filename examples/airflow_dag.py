"""Two tasks on the first of each month: one notebook by papermill, and the whole report by the command."""

import os
from datetime import timedelta
from pathlib import Path

import pendulum
from airflow import DAG
from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.timetables.interval import CronDataIntervalTimetable

HOME = Path(os.environ.get("RETENTION_HOME", "/srv/retention"))
NOTEBOOK = HOME / "notebooks" / "reports" / "02_cohorts.ipynb"

ZONE = "Europe/Warsaw"
# The interval is the month that ended: from its first day to the start of the task. Templates see it in UTC.
MONTH = f"{{{{ data_interval_start.in_timezone('{ZONE}').strftime('%Y-%m') }}}}"
LAST_DAY = f"{{{{ data_interval_end.in_timezone('{ZONE}').subtract(days=1).strftime('%Y-%m-%d') }}}}"
PARAMETERS = {"orders": str(HOME / "orders.csv"), "as_of": LAST_DAY, "period": "month", "min_size": 20}


def check(notebook: str, given: dict) -> None:
    """Refuse a misspelt parameter or one of the wrong type: papermill itself would only log it."""
    from retention_kit.errors import ConfigError
    from retention_kit.report.notebooks.discovery import find
    from retention_kit.report.notebooks.parameters import check as fits
    from retention_kit.report.settings.value_types import closest

    (found,) = find([notebook])
    for name, value in given.items():
        if name not in found.defaults:
            raise ConfigError(f"{found.name} has no parameter {name}, {closest(name, found.defaults)}")
        fits(name, value, found.defaults[name])


with DAG(
    dag_id="retention_report",
    start_date=pendulum.datetime(2026, 1, 1, tz=ZONE),
    schedule=CronDataIntervalTimetable("0 6 1 * *", timezone=ZONE),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "retry_delay": timedelta(minutes=10)},
) as dag:
    checked = PythonOperator(
        task_id="check_parameters",
        python_callable=check,
        op_kwargs={"notebook": str(NOTEBOOK), "given": PARAMETERS},
        retries=0,
    )
    cohorts = PapermillOperator(
        task_id="cohorts",
        input_nb=str(NOTEBOOK),
        output_nb=str(HOME / f"cohorts-{MONTH}.ipynb"),  # papermill makes no folder: this one is there
        parameters=PARAMETERS,
    )
    report = BashOperator(
        task_id="report",
        bash_command='retention-kit report --config report.toml --month "$MONTH" --output reports --fail-on-alert',
        env={"MONTH": MONTH},  # what the sources need (SHOP_URL) is in the environment of the worker
        append_env=True,
        cwd=str(HOME),
    )
    checked >> cohorts
