"""Drafts of mails about alerts that tripped; nothing is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path
from typing import Final

from retention_kit.report.language import ENGLISH, Language
from retention_kit.report.numbers.alerts import Checked, Record

LONGEST: Final = 200
"""Most characters of a text from data or settings that a mail shows."""


def write(folder: Path, tripped: Sequence[Checked], *, title: str, month: str, language: Language = ENGLISH) -> None:
    """Write a draft for each group of people into a month's folder; alerts with the same addresses share one."""
    groups: dict[tuple[str, ...], list[Record]] = {}
    for checked in tripped:
        if checked.alert.mail:
            groups.setdefault(checked.alert.mail, []).append(checked.record(language))
    for number, (people, records) in enumerate(groups.items(), start=1):
        name = "alert-mail.eml" if number == 1 else f"alert-mail-{number}.eml"
        (folder / name).write_bytes(mail(people, records, title=title, month=month, language=language))


def mail(
    people: Sequence[str], checked: Sequence[Record], *, title: str, month: str, language: Language = ENGLISH
) -> bytes:
    """A draft as .eml, in plain text and HTML, with the same bytes each time.

    Notes
    -----
    It has no sender and no date: the program that sends it adds both (``X-Unsent`` makes mail programs open it as a
    draft). Text from data is reduced to printable letters on one line, so that it cannot begin a header.
    """
    title = _line(title)
    lines = [_item(record, language) for record in checked]
    counted = language.ngettext("an alert has tripped", "%(n)s alerts have tripped", len(lines))
    names = {"title": title, "month": language.month(month), "counted": counted}
    sentence = language.gettext("%(title)s, %(month)s: %(counted)s.", **names)
    head = sentence[:-1]  # a subject has no full stop
    draft = EmailMessage(policy=SMTP)
    draft["To"] = ", ".join(people)
    draft["Subject"] = head
    draft["X-Unsent"] = "1"
    draft.set_content("\n".join([sentence, "", *(f"* {line}" for line in lines), ""]))
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    page = f"<!DOCTYPE html><html><head><title>{escape(head)}</title></head><body>"
    draft.add_alternative(f"{page}<p>{escape(sentence)}</p><ul>{items}</ul></body></html>\n", subtype="html")
    draft.set_boundary(f"alert-{hashlib.sha256(''.join(lines).encode()).hexdigest()[:32]}")
    return draft.as_bytes()


def _item(record: Record, language: Language) -> str:
    """What an alert says, after the name of its segment if it has one."""
    reason = _line(record.reason)
    if not record.segment:
        return reason
    return language.gettext("%(segment)s: %(reason)s", segment=_line(record.segment), reason=reason)


def _line(text: str) -> str:
    """The text on one line, without characters that cannot be printed, and not longer than `LONGEST`."""
    spaced = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return spaced if len(spaced) <= LONGEST else f"{spaced[: LONGEST - 1]}…"
