"""The language of a report: its messages, dates and numbers."""

from retention_kit.report.language.language import ENGLISH, LANGUAGES, Language, gettext_noop, of

__all__ = ["ENGLISH", "LANGUAGES", "Language", "gettext_noop", "of"]
