"""``python -m retention_kit.report.language`` brings the files of the languages up to date with the texts."""

from __future__ import annotations

from retention_kit.report.language.messages import update

if __name__ == "__main__":
    update()
