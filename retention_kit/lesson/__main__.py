"""`python -m retention_kit.lesson notebooks/solutions notebooks/learn` writes the lessons to work through."""

from __future__ import annotations

from pathlib import Path

import click

from retention_kit.lesson.learn import write_all

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("solutions", type=_FOLDER)
@click.argument("learn", type=click.Path(file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace lessons with different content.")
def main(solutions: Path, learn: Path, replace: bool) -> None:
    """Write the lessons of SOLUTIONS without answers and outputs into LEARN."""
    for path in write_all(solutions, learn, replace=replace):
        click.echo(path)


if __name__ == "__main__":
    main()
