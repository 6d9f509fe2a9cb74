"""What is done about alerts: drafts that cannot carry a header, and webhooks whose URL stays out of every file."""

import email
import json
import threading
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from retention_kit.report.delivery.alert_delivery import act, mail, post
from retention_kit.report.numbers.alerts import Alert, check
from retention_kit.report.numbers.measures import Measure

EVIL = "Orders\r\nBcc: b@example.com <script>\u202e\ud800"
MADE = check(Alert("orders", "> 1"), [Measure("orders", EVIL, "count", 3.0)])


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


def done(folder, *alerts):
    told = [(alert, MADE) for alert in alerts]
    return act(folder, told, title="Shop", month="1998-06", earlier=folder / "earlier")


def test_without_send_nothing_leaves_the_machine(tmp_path, server):
    set_url, got = server
    set_url("/sesame")
    assert done(tmp_path, Alert("orders", "> 1", webhook="env:HOOK")) == ()
    assert got == []
    assert "sesame" not in (tmp_path / "alert-webhook.json").read_text()


def test_with_send_the_alerts_are_posted_once_for_each_webhook(tmp_path, server):
    set_url, got = server
    set_url("/sesame")
    alert = Alert("orders", "> 1", webhook="env:HOOK", send=True)
    assert done(tmp_path, alert, alert) == ()
    ((path, payload),) = got
    assert (path, len(payload["alerts"]), payload["month"]) == ("/sesame", 2, "1998-06")
    assert "sesame" not in "".join(file.read_text() for file in tmp_path.iterdir())


def test_a_month_that_is_made_again_posts_only_what_it_has_not_posted(tmp_path, server):
    set_url, got = server
    set_url("/sesame")
    one, other = (Alert("orders", limit, webhook="env:HOOK", send=True) for limit in ("> 1", "> 2"))
    first, second, quiet, third = (tmp_path / name for name in ("first", "second", "quiet", "third"))
    for folder in (first, second, quiet, third):
        folder.mkdir()

    def again(folder, earlier, *alerts, value=3.0):
        numbers = [Measure("orders", "Orders", "count", value)]
        tripped = [(alert, check(alert, numbers)) for alert in alerts]
        return act(folder, tripped, title="Shop", month="1998-06", earlier=earlier)

    again(first, tmp_path / "nothing", one)
    again(second, first, one, value=4.0)
    assert len(got) == 1, "the same alert with another number"
    assert "sesame" not in (second / "alert-posted.json").read_text()
    again(quiet, second)
    again(third, quiet, one, other)
    assert len(got) == 2, "one more alert"
    again(third, third, one)
    assert len(got) == 2, "the first again"


def test_what_was_not_delivered_is_tried_again(tmp_path, server):
    set_url, got = server
    set_url("/bad")
    alert = Alert("orders", "> 1", webhook="env:HOOK", send=True)
    assert len(done(tmp_path, alert)) == 1
    set_url("/good")
    assert act(tmp_path, [(alert, MADE)], title="", month="1998-06", earlier=tmp_path) == ()
    assert [path for path, _ in got] == ["/bad", "/good"]


@pytest.mark.parametrize(("path", "says"), [("/bad", "answered 500"), ("/moved", "answered 302")])
def test_a_post_that_fails_is_told_without_the_url(tmp_path, server, path, says):
    set_url, got = server
    set_url(path)
    (note,) = done(tmp_path, Alert("orders", "> 1", webhook="env:HOOK", send=True))
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
    done(
        tmp_path, Alert("orders", "> 1", mail=ana), Alert("orders", "> 2", mail=both), Alert("orders", "> 0", mail=ana)
    )
    assert sorted(file.name for file in tmp_path.iterdir()) == ["alert-mail-2.eml", "alert-mail.eml"]
    assert "2 alerts have tripped" in (tmp_path / "alert-mail.eml").read_text()
