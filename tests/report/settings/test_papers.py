"""Paper and audience: what is chosen, what follows from language and currency, and what is refused."""

import pytest

from retention_kit.errors import ConfigError
from retention_kit.report import Config
from retention_kit.report.html import month_page
from retention_kit.report.settings import papers


@pytest.mark.parametrize(
    ("language", "currency", "paper", "size"),
    [
        ("en", None, "auto", "A4"),
        ("en", "USD", "auto", "letter"),
        ("en", "CAD", "auto", "letter"),
        ("en", "GBP", "auto", "A4"),
        ("pl", "USD", "auto", "A4"),
        ("zh-Hant", "TWD", "auto", "A4"),
        ("pl", "PLN", "letter", "letter"),
        ("en", "USD", "a4", "A4"),
    ],
)
def test_paper_follows_language_and_currency_unless_it_is_chosen(language, currency, paper, size):
    assert papers.of(Config(language=language, currency=currency, paper=paper)) == size


@pytest.mark.parametrize(("audience", "index"), [("summary", "summary"), ("analyst", "analyst")])
def test_the_audience_says_which_page_is_the_index(audience, index):
    pages = {"summary": month_page.summary_href, "analyst": month_page.analyst_href}
    config = Config(audience=audience)
    assert {name for name, href in pages.items() if href(config) == "index.html"} == {index}
    assert len({href(config) for href in pages.values()}) == 2


def test_unknown_audiences_and_papers_are_refused_together():
    with pytest.raises(
        ConfigError, match=r"audience must be one of summary, analyst.*paper must be one of auto, a4, letter"
    ):
        Config(audience="boss", paper="a5")
