"""What `pip install "retention-kit[report]"` promises: a month of the report. Run as a script."""

import tempfile
from pathlib import Path

from click.testing import CliRunner

from retention_kit.cli import main

if __name__ == "__main__":  # doctest imports it too
    with tempfile.TemporaryDirectory() as folder:
        made = CliRunner().invoke(main, ["report", "--month", "1998-06", "--only", "overview", "--output", folder])
        assert made.exit_code == 0, made.output
        page = Path(folder, "1998-06", "01_overview.html")
        assert page.is_file(), made.output
        assert 'class="drawn"' in page.read_text(encoding="utf-8")
        print("report install: whole")
