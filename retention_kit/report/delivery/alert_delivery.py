"""What is done about alerts that tripped: a draft of a mail, and the text for a webhook, which is posted if told so."""

from __future__ import annotations

import hashlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path
from typing import Any, Final

from retention_kit.report.delivery import posted
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers.alerts import Alert, Checked, again

__all__ = ["act", "mail", "post"]

PATIENCE: Final = 10
"""Seconds that a webhook has for its answer."""
LONGEST: Final = 200
"""Letters of a text from data or settings that stand in a mail."""

Tripped = Sequence[tuple[Alert, Checked]]


def act(
    folder: Path, tripped: Tripped, *, title: str, month: str, earlier: Path, language: Language = ENGLISH
) -> tuple[str, ...]:
    """Write the drafts and the texts for webhooks into a month's folder, and post those that are to be sent.

    Alerts with the same addresses share a mail, those with the same webhook one text. A month posts the same set of
    alerts once, however often it is made; one that could not be delivered is tried again. The month is not yet in its
    place when it is posted, so a run that is killed between the two posts again: rather twice than never.

    Parameters
    ----------
    earlier : Path
        The month as its last run left it.

    Returns
    -------
    tuple of str
        What could not be posted, without the URL.
    """
    told = [(alert, again(alert, checked, language)) for alert, checked in tripped]
    for number, (people, checked) in enumerate(_grouped(told, lambda alert: alert.mail).items(), start=1):
        draft = mail(people, checked, title=title, month=month, language=language)
        (folder / f"alert-mail{_nth(number)}.eml").write_bytes(draft)
    failures, sent = [], posted.read(earlier)
    hooks = _grouped(tripped, lambda alert: alert.webhook and (alert.webhook, alert.send))
    for number, ((webhook, send), checked) in enumerate(hooks.items(), start=1):
        content = {"title": title, "month": month, "alerts": [asdict(one) for one in checked]}
        payload = json.dumps(content, indent=2, allow_nan=False).encode("ascii") + b"\n"
        (folder / f"alert-webhook{_nth(number)}.json").write_bytes(payload)
        if not send or posted.mark(webhook, checked) in sent:
            continue
        if failure := post(webhook.removeprefix("env:"), payload, language):
            message = gettext_noop("The alert for the webhook %(webhook)s was not delivered: %(failure)s.")
            failures.append(language.gettext(message, webhook=webhook, failure=failure))
        else:
            sent.add(posted.mark(webhook, checked))
    posted.write(folder, sent)
    return tuple(failures)


def _nth(number: int) -> str:
    return "" if number == 1 else f"-{number}"


def _grouped(tripped: Tripped, key: Any) -> dict[Any, list[Checked]]:
    groups: dict[Any, list[Checked]] = {}
    for alert, checked in tripped:
        if key(alert):
            groups.setdefault(key(alert), []).append(checked)
    return groups


def mail(
    people: Sequence[str], checked: Sequence[Checked], *, title: str, month: str, language: Language = ENGLISH
) -> bytes:
    """A draft as .eml, in plain text and HTML, with the same bytes each time.

    Notes
    -----
    It has no sender and no date: the program that sends it adds both (``X-Unsent`` makes mail programs open it as a
    draft). Text from data is reduced to printable letters on one line, so that it cannot begin a header.
    """
    title = _line(title)
    lines = [f"{_line(one.segment) + ': ' if one.segment else ''}{_line(one.reason)}" for one in checked]
    counted = language.ngettext("an alert has tripped", "%(n)s alerts have tripped", len(lines))
    head = f"{title}, {language.month(month)}: {counted}"
    draft = EmailMessage(policy=SMTP)
    draft["To"] = ", ".join(people)
    draft["Subject"] = head
    draft["X-Unsent"] = "1"
    draft.set_content("\n".join([f"{head}.", "", *(f"* {line}" for line in lines), ""]))
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    page = f"<!DOCTYPE html><html><head><title>{escape(head)}</title></head><body>"
    draft.add_alternative(f"{page}<p>{escape(head)}.</p><ul>{items}</ul></body></html>\n", subtype="html")
    draft.set_boundary(f"alert-{hashlib.sha256(''.join(lines).encode()).hexdigest()[:32]}")
    return draft.as_bytes()


def _line(text: str) -> str:
    """One line of printable letters."""
    spaced = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return spaced if len(spaced) <= LONGEST else f"{spaced[: LONGEST - 1]}…"


class _Stay(urllib.request.HTTPRedirectHandler):
    """A webhook that points elsewhere is not followed."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def post(variable: str, payload: bytes, language: Language = ENGLISH) -> str:
    """Post JSON to the URL in an environment variable; returns why it could not be done, without the URL."""
    url = os.environ.get(variable, "")
    if not url.startswith(("https://", "http://")):
        if url:
            return language.gettext("the environment variable %(name)s holds no http address", name=variable)
        return language.gettext("the environment variable %(name)s is not set", name=variable)
    try:
        request = urllib.request.Request(url, payload, {"Content-Type": "application/json"}, method="POST")
        urllib.request.build_opener(_Stay).open(request, timeout=PATIENCE).close()
    except urllib.error.HTTPError as error:
        error.close()
        return language.gettext("its server answered %(code)s", code=error.code)
    except Exception as error:  # whatever it is: its text may hold the URL, its name does not
        reason = getattr(error, "reason", error)
        return language.gettext("no answer from its server (%(error)s)", error=type(reason).__name__)
    return ""
