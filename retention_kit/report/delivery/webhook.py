"""Webhooks that are notified of alerts: what is posted to each, and whether it was delivered."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from retention_kit.report.delivery import posted
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers.alerts import Checked, Record

PATIENCE: Final = 10
"""Seconds that a webhook has for its answer."""


@dataclass(frozen=True)
class Hook:
    """A webhook, named ``env:NAME``, with the alerts it is notified of and the bytes that are posted."""

    webhook: str
    send: bool
    payload: bytes
    mark: str


@dataclass(frozen=True)
class Delivery:
    """What a month has posted, by marks; what could not be delivered, in words without URLs; and whether a post is
    still due."""

    posted: frozenset[str] = frozenset()
    failures: tuple[str, ...] = ()
    is_due: bool = False


def hooks(tripped: Iterable[Checked], *, title: str, month: str) -> tuple[Hook, ...]:
    """What is posted to each webhook; alerts with the same webhook share one text, always in English."""
    groups: dict[tuple[str, bool], list[Record]] = {}
    for checked in tripped:
        if checked.alert.webhook:
            groups.setdefault((checked.alert.webhook, checked.alert.send), []).append(checked.record())
    return tuple(_hook(webhook, send, records, title, month) for (webhook, send), records in groups.items())


def _hook(webhook: str, send: bool, records: Sequence[Record], title: str, month: str) -> Hook:
    content = {"title": title, "month": month, "alerts": [asdict(record) for record in records]}
    payload = json.dumps(content, indent=2, allow_nan=False).encode("ascii") + b"\n"
    return Hook(webhook, send, payload, posted.mark(webhook, records))


def write(folder: Path, texts: Sequence[Hook]) -> None:
    """Write the texts for webhooks into a month's folder."""
    for number, hook in enumerate(texts, start=1):
        name = "alert-webhook.json" if number == 1 else f"alert-webhook-{number}.json"
        (folder / name).write_bytes(hook.payload)


def deliver(texts: Iterable[Hook], before: frozenset[str], language: Language = ENGLISH) -> Delivery:
    """Post what is due and was not posted before; failed deliveries are returned in words and raise no error.

    Parameters
    ----------
    texts : iterable of Hook
        Texts of a published month: a run that is killed while posting may post twice, but never loses a post.
    before : frozenset of str
        Marks of what the month has posted.
    """
    sent, failures = set(before), []
    for hook in texts:
        if not hook.send or hook.mark in sent:
            continue
        if failure := post(hook.webhook.removeprefix("env:"), hook.payload, language):
            message = gettext_noop("The alert for the webhook %(webhook)s was not delivered: %(failure)s.")
            failures.append(language.gettext(message, webhook=hook.webhook, failure=failure))
        else:
            sent.add(hook.mark)
    return Delivery(frozenset(sent), tuple(failures))


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirections of a webhook are not followed."""

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
    except Exception as error:  # any error: its message may hold the URL, the name of its type does not
        reason = getattr(error, "reason", error)
        return language.gettext("no answer from its server (%(error)s)", error=type(reason).__name__)
    return ""
