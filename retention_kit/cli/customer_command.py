"""The command that writes the page of one customer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from retention_kit import extras, signals
from retention_kit.cli.answers import one_line_errors, pairs
from retention_kit.cli.monthly_report import config_of, file_of_this_folder
from retention_kit.cli.sources import of_sources


class _OfAnId(click.Command):
    """A command whose argument is an id; an id that begins with - looks like an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        written = list(args)
        try:
            return super().parse_args(ctx, args)
        except (click.NoSuchOption, click.MissingParameter) as fault:
            if "--" not in written and any(text.startswith("-") for text in written):
                hint = "Write -- before an id that begins with -, after all options: customer [OPTIONS] -- -1-2"
                raise click.UsageError(f"{fault.format_message()} {hint}", ctx) from fault
            raise


@click.command("customer", cls=_OfAnId)
@click.argument("customer_id", metavar="ID")
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Default: report.toml, if no source is named.",
)
@click.option("--month", metavar="YYYY-MM", help="Default: the last complete one.")
@click.option(
    "--orders", multiple=True, metavar="PATH|NAME", help="Orders: a file, folder, URL or sample; may be repeated."
)
@click.option("--subscriptions", metavar="PATH|NAME", help="Subscriptions.")
@click.option("--surveys", metavar="PATH|NAME", help="Survey answers.")
@of_sources
@click.option(
    "--query", multiple=True, metavar="TABLE", help="A table or SELECT, where a source is the URL of a database."
)
@click.option("-p", "--parameter", multiple=True, metavar="NAME=VALUE", help="Value for a notebook's parameter.")
@click.option("--customer-ids", metavar="MODE", help="shown or hashed: what the page shows of the id.")
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), metavar="FILE", help="The page to write.")
@signals.stoppable(lambda: None)
@one_line_errors
def show_customer(
    customer_id: str,
    file: Path | None,
    month: str | None,
    parameter: tuple[str, ...],
    target: Path | None,
    **options: Any,
) -> None:
    """Write the page of the customer ID: orders, chance of being a customer, segments, subscriptions, answers, value.

    The data are those of the report.toml of this folder, or of the named tables. Only the owner can read the page; its
    name does not contain the id.

    \b
    Examples:
      retention-kit customer C00180 --orders store
      retention-kit customer C00180 --month 2026-05
      retention-kit customer ada@example.org --orders orders.csv -o ada.html
    """
    extras.require("report")
    from retention_kit import report
    from retention_kit.report.output.data_files import customer_file

    file = file_of_this_folder(file, options)
    config = config_of(file, options)
    assigned = report.read_parameters(pairs(parameter, "-p"), config)
    config = replace(config, parameters={**config.parameters, **assigned})
    click.echo(customer_file.write(config, customer_id, month=month, file=target))
