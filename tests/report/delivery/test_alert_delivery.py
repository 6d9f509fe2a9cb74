"""What is done about alerts: drafts that cannot carry a header, and webhooks whose URL stays out of every file.

A webhook hears of a month that is in its place, and of none that is still being made.
"""

import email
import json
import threading
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit import report
from retention_kit.errors import RetentionKitWarning
from retention_kit.report.delivery import mail as drafts
from retention_kit.report.delivery import webhook
from retention_kit.report.delivery.mail import mail
from retention_kit.report.delivery.webhook import post
from retention_kit.report.numbers import alerts
from retention_kit.report.numbers.alerts import check
from retention_kit.report.numbers.measures import Measure
from retention_kit.report.settings.alert_settings import Alert

EVIL = "Orders\r\nBcc: b@example.com <script>\u202e\ud800"
MADE = check(Alert("orders", "> 1"), [Measure("orders", EVIL, "count", 3.0)]).record()


@pytest.fixture
def server(monkeypatch):
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response({"/bad": 500, "/moved": 302}.get(self.path, 204))
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{http.server_port}"
        yield lambda path: monkeypatch.setenv("HOOK", base + path), got
        http.shutdown()


def test_a_mail_is_a_draft_in_two_forms_without_injected_headers():
    draft = mail(["a@example.com"], [MADE], title=EVIL, month="1998-06")
    told = email.message_from_bytes(draft, policy=default)
    assert sorted(told.keys()) == ["Content-Type", "MIME-Version", "Subject", "To", "X-Unsent"]
    assert told["Subject"].startswith("Orders Bcc: b@example.com <script>")
    assert "Orders Bcc" in told.get_body(["plain"]).get_content()
    html = told.get_body(["html"]).get_content()
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert draft == mail(["a@example.com"], [MADE], title=EVIL, month="1998-06")


def hooks(*alerts, value=3.0):
    tripped = [check(alert, [Measure("orders", EVIL, "count", value)]) for alert in alerts]
    return webhook.hooks(tripped, title="Shop", month="1998-06")


def delivered(*alerts, before=frozenset(), value=3.0):
    return webhook.deliver(hooks(*alerts, value=value), before)


def test_without_send_nothing_leaves_the_machine(tmp_path, server):
    set_url, got = server
    set_url("/sesame")
    alert = Alert("orders", "> 1", webhook="env:HOOK")
    assert delivered(alert) == webhook.Delivery()
    assert got == []
    webhook.write(tmp_path, hooks(alert))
    assert "sesame" not in (tmp_path / "alert-webhook.json").read_text()


def test_with_send_the_alerts_are_posted_once_for_each_webhook(tmp_path, server):
    set_url, got = server
    set_url("/sesame")
    alert = Alert("orders", "> 1", webhook="env:HOOK", send=True)
    assert delivered(alert, alert).failures == ()
    ((path, payload),) = got
    assert (path, len(payload["alerts"]), payload["month"]) == ("/sesame", 2, "1998-06")
    webhook.write(tmp_path, hooks(alert, alert))
    assert "sesame" not in "".join(file.read_text() for file in tmp_path.iterdir())


def test_a_month_that_is_made_again_posts_only_what_it_has_not_posted(server):
    set_url, got = server
    set_url("/sesame")
    one, other = (Alert("orders", limit, webhook="env:HOOK", send=True) for limit in ("> 1", "> 2"))
    first = delivered(one).posted
    second = delivered(one, before=first, value=4.0).posted
    assert len(got) == 1, "the same alert with another number"
    quiet = delivered(before=second).posted
    third = delivered(one, other, before=quiet).posted
    assert len(got) == 2, "one more alert"
    delivered(one, before=third)
    assert len(got) == 2, "the first again"


def test_what_was_not_delivered_is_tried_again(server):
    set_url, got = server
    set_url("/bad")
    alert = Alert("orders", "> 1", webhook="env:HOOK", send=True)
    first = delivered(alert)
    assert len(first.failures) == 1
    set_url("/good")
    assert delivered(alert, before=first.posted).failures == ()
    assert [path for path, _ in got] == ["/bad", "/good"]


@pytest.mark.parametrize(("path", "says"), [("/bad", "answered 500"), ("/moved", "answered 302")])
def test_a_post_that_fails_is_told_without_the_url(server, path, says):
    set_url, got = server
    set_url(path)
    (note,) = delivered(Alert("orders", "> 1", webhook="env:HOOK", send=True)).failures
    assert says in note
    assert "127.0.0.1" not in note
    assert len(got) == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://127.0.0.1:1/sesame", "no answer"),
        ("file:///etc/sesame", "holds no http address"),
        ("http://[sesame", "no answer"),
        ("http://sesame\n/", "no answer"),
        ("", "is not set"),
    ],
)
def test_an_address_that_cannot_be_reached_is_not_repeated(monkeypatch, url, says):
    monkeypatch.setenv("HOOK", url)
    told = post("HOOK", b"{}")
    assert says in told
    assert "sesame" not in told


def test_each_group_of_people_gets_one_mail(tmp_path):
    ana, both = ("ana@example.com",), ("ana@example.com", "jan@example.com")
    asked = [("> 1", ana), ("> 2", both), ("> 0", ana)]
    numbers = [Measure("orders", EVIL, "count", 3.0)]
    tripped = [check(Alert("orders", condition, mail=people), numbers) for condition, people in asked]
    drafts.write(tmp_path, tripped, title="Shop", month="1998-06")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["alert-mail-2.eml", "alert-mail.eml"]
    assert "2 alerts have tripped" in (tmp_path / "alert-mail.eml").read_text()


@pytest.fixture
def shop(tmp_path):
    notebook(tmp_path / "own", "01_first", NUMBERS)
    alert = {"metric": "churn_rate", "condition": "> 0.05", "webhook": "env:HOOK", "send": True}
    return report.Config(
        orders=orders_csv(tmp_path), notebooks=tmp_path / "own", output=tmp_path / "reports", alerts=[alert]
    )


def manifest_of(config):
    return json.loads((config.output / "2026-04" / "manifest.json").read_text(encoding="utf-8"))


def test_a_webhook_hears_of_a_month_that_is_in_its_place_and_only_once(shop, monkeypatch):
    seen = []

    def heard(*_):
        seen.append((shop.output / "2026-04" / "index.html").is_file() and "2026-04" in archive())
        return ""

    def archive():
        return (shop.output / "index.html").read_text(encoding="utf-8")

    checked = []
    monkeypatch.setattr(webhook, "post", heard)
    monkeypatch.setattr(alerts, "check", lambda alert, *more: checked.append(alert) or check(alert, *more))
    (month,) = report.run(shop, months="2026-04")
    assert seen == [True]
    assert len(checked) == 1, "the same result is written, posted and returned"
    assert [alert["metric"] for alert in month.alerts] == ["churn_rate"]
    assert "alert-posted.json" in manifest_of(shop)["files"]
    (again,) = report.run(shop, months="2026-04")
    assert not again.made
    assert again.alerts == month.alerts
    report.run(shop, months="2026-04", force=True)
    assert seen == [True]


def test_a_run_that_is_stopped_while_it_posts_leaves_a_month_that_posts_the_next_time(shop, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(webhook, "post", stopped)
    with pytest.raises(KeyboardInterrupt, match="2026-04 finished"):
        report.run(shop, months="2026-04")
    assert (shop.output / "2026-04" / "index.html").is_file()
    seen = []
    monkeypatch.setattr(webhook, "post", lambda *_: seen.append("posted") or "")
    (month,) = report.run(shop, months="2026-04")
    assert (month.made, seen) == (True, ["posted"])
    assert not report.run(shop, months="2026-04")[0].made


def test_the_index_says_what_could_not_be_delivered_and_every_file_is_as_its_manifest_says(shop, monkeypatch):
    monkeypatch.setattr(webhook, "post", lambda *_: "its server answered 500")
    with pytest.warns(RetentionKitWarning, match="env:HOOK was not delivered: its server answered 500"):
        report.run(shop, months="2026-04")
    index = (shop.output / "2026-04" / "analyst.html").read_text(encoding="utf-8")
    assert "env:HOOK was not delivered: its server answered 500" in index
    assert not report.run(shop, months="2026-04")[0].made
    assert "alert-posted.json" not in manifest_of(shop)["files"]
