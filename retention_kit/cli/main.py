"""The commands."""

from __future__ import annotations

import click

from retention_kit import __version__
from retention_kit.cli.customer_command import show_customer
from retention_kit.cli.files import init, sample
from retention_kit.cli.monthly_report import make_report


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="retention-kit")
def main() -> None:
    """Customer retention from an order log: a monthly report from notebooks.

    \b
    Examples:
      retention-kit report --month 1998-06
      retention-kit report --month 2026-10 --orders orders.csv
      retention-kit customer C00180 --orders store
      retention-kit init orders.csv
      retention-kit sample cdnow my-data
    """


main.add_command(make_report)
main.add_command(show_customer)
main.add_command(init)
main.add_command(sample)
