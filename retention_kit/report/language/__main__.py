"""``python -m retention_kit.report.language`` updates the translation files with the current texts.

It collects every text that a catalogue translates: from the templates, the code and the notebooks.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from retention_kit.metrics.catalogue import CATALOGUE
from retention_kit.metrics.changes.comparison_notes import SENTENCES
from retention_kit.models.rfm import eleven_segments, ten_segments
from retention_kit.report.language import notebook_texts, report_wording
from retention_kit.report.language.language import CATALOGUES, ENGLISH, VARIES
from retention_kit.report.notebooks import discovery
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.settings.config import LANGUAGES

_COUNTED: Final = re.compile(r"\{n\} [a-z]")
"""A number before a word, whose form depends on it."""
_FOLDER: Final = Path(__file__).parents[1]
_METHODS: Final = [("**.py", "python"), ("**.j2", "jinja2")]
_KEYWORDS: Final = {**DEFAULT_KEYWORDS, "gettext_noop": None, "ngettext_noop": (1, 2)}
_WIDTH: Final = 116
_HEADER: Final = """msgid ""
msgstr ""
"Language: {}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {}\\n"

"""
"""A header without the moment of writing: the same texts give the same bytes."""


def collected() -> Catalog:
    """The catalogue without translations, in the order of its texts."""
    catalogue = Catalog(project="retention_kit", charset="utf-8", fuzzy=False)
    options = {"**.j2": {"newstyle_gettext": "true", "silent": "false"}}
    for file, _, message, *_ in extract_from_dir(_FOLDER, _METHODS, options, keywords=_KEYWORDS):
        catalogue.add(message, locations=[(f"report/{file}", None)])  # type: ignore[list-item]
    for page, text in _of_notebooks():
        catalogue.add(VARIES.sub("#", text), locations=[(page, None)])  # type: ignore[list-item]
    for sentence in SENTENCES:
        catalogue.add(sentence, locations=[("metrics/changes/comparison_notes", None)])  # type: ignore[list-item]
    for entry in CATALOGUE.values():
        catalogue.add(entry.trap, locations=[("metrics/catalogue", None)])  # type: ignore[list-item]
    return catalogue


def _of_notebooks() -> Iterator[tuple[str, str]]:
    """Titles, questions and labels of the package's notebooks, each with the name of its page."""
    for notebook in discovery.find(None):
        yield notebook.name, notebook.title
        yield notebook.name, notebook.question
        for item in notebook_numbers.numbers(notebook.node):
            if _is_text(item):
                yield notebook.name, item["label"]
            for line in str(item.get("note") or "").splitlines():
                yield notebook.name, line
    for chosen in (ten_segments, eleven_segments):
        for rule in chosen.rules:
            yield chosen.name, f"Customers: {rule.segment}"


def _is_text(item: Any) -> bool:
    """Whether a label needs a translation: it is neither a metric's name in the catalogue nor a symbol of a model."""
    entry = CATALOGUE.get(item["name"])
    is_name = entry is not None and entry.en.lower() == item["label"].lower()
    return not is_name and not item["name"].startswith("parameter_")


def collected_of_notebooks(others: Catalog) -> Catalog:
    """The catalogue of the texts of the package's notebooks: of their prose and code those that the report's own
    catalogue lacks, and all of the package's lists, where a word may have another sense than in the report's frame."""
    made = Catalog(project="retention_kit", charset="utf-8", fuzzy=False)
    pages = [(page.name, text) for page in discovery.find(None) for text in notebook_texts.of_notebook(page.node)]
    pages = [(place, text) for place, text in pages if text not in others]
    for place, text in (*pages, *notebook_texts.of_package()):
        made.add((text, text) if _COUNTED.search(text) else text, locations=[(place, None)])  # type: ignore[list-item]
    return made


def update() -> None:
    """Update the files of each language: new texts are added without translation, unused ones are removed."""
    template = collected()
    _update(CATALOGUES, template)
    _update(report_wording.NOTEBOOKS, collected_of_notebooks(template))


def _update(folder: Path, template: Catalog) -> None:
    for code in LANGUAGES:
        if code != ENGLISH.code:
            path = folder / f"{code}.po"
            locale = code.replace("-", "_")
            catalogue = read_po(path.open("rb"), locale=locale) if path.exists() else Catalog(locale)
            catalogue.update(template, no_fuzzy_matching=True)
            entries = io.BytesIO()
            write_po(entries, catalogue, width=_WIDTH, omit_header=True, ignore_obsolete=True)
            path.write_bytes(_HEADER.format(code, catalogue.plural_forms).encode() + entries.getvalue())


if __name__ == "__main__":
    update()
