"""What `pip install retention-kit` promises: data, models, tables and figures, and no report. Run as a script.

`make test-wheel` runs it where the wheel was installed into an empty environment.
"""

import os
import tempfile

from click.testing import CliRunner

from retention_kit import load, metrics, models, plots, summarise, tables
from retention_kit.cli import main

ADVICE = 'run pip install "retention-kit[report]"'


def whole():
    """Everything of a base install, written into the working folder."""
    orders = load.sample("cdnow").table
    customers = summarise.customers(orders, as_of="1997-09-30", unit="week")
    model = models.BGNBD.fit(customers)
    assert 0.2 < model.params["r"] < 0.4, model.params
    assert round(metrics.retention_rate(start=100, end=90, new=10), 2) == 0.8

    cohorts = summarise.cohorts(orders, as_of="1998-06-30", period="month")
    table = tables.table(cohorts.head(12), id="cohorts")
    assert "<table" in table.gt.as_raw_html()
    axes = plots.retention_heatmap(cohorts)
    axes.figure.savefig("cohorts.png")

    command = CliRunner()
    assert command.invoke(main, ["sample", "cdnow", "data"]).exit_code == 0

    try:
        from retention_kit import report
    except ImportError as error:
        assert ADVICE in str(error), error
    else:
        raise AssertionError(f"the report was imported without its packages: {report}")

    for arguments in (["report", "--month", "1998-06"], ["init"]):
        refused = command.invoke(main, arguments)
        assert refused.exit_code == 2, refused.output
        assert refused.stderr.count("\n") == 1, refused.stderr
        assert ADVICE in refused.stderr, refused.stderr
    print("base install: whole")


if __name__ == "__main__":  # doctest imports it too
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        whole()
        os.chdir(os.pardir)
