"""The language of a report: its messages, dates and numbers."""

from retention_kit.report.language.language import ENGLISH, Language, gettext_noop, ngettext_noop, of
from retention_kit.report.settings.config import LANGUAGES

__all__ = ["ENGLISH", "LANGUAGES", "Language", "gettext_noop", "ngettext_noop", "of"]
