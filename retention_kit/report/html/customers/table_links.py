"""Links from the tables of a notebook's page to the lists of the customers behind their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from markupsafe import escape

from retention_kit.report.actions.customer_lists import CustomerList
from retention_kit.report.html.customers.list_view import View

_SEGMENTS: Final = ("segments", "stake")
"""Ids of tables with a row for each segment."""
_COHORTS: Final = "pooled"
_OVERDUE: Final = "overdue"


def linked(html: str, lists: Sequence[CustomerList], view: View) -> str:
    """The body of a page with links in its tables of segments, and under those of cohorts and overdue customers.

    The tables are found by their ids; pages without such tables stay as they are, and so do lists without a page.
    """
    made = [listing for listing in lists if listing.href]
    for id in _SEGMENTS:
        html = _in_rows(html, id, [listing for listing in made if listing.kind == "segment"], view)
    cohorts = "".join(_item(listing, view) for listing in made if listing.kind == "cohort")
    if cohorts:
        label = escape(view.spoken.gettext("The customers of each cohort"))
        html = _after(html, _COHORTS, f'<details class="behind"><summary>{label}</summary><ul>{cohorts}</ul></details>')
    for listing in made:
        if listing.kind == "overdue":
            text = view.spoken.ngettext(
                "The list of %(n)s customer", "The list of all %(n)s customers", listing.customers
            )
            html = _after(html, _OVERDUE, f'<p class="behind"><a href="{listing.href}">{escape(text)}</a></p>')
    return html


def _item(listing: CustomerList, view: View) -> str:
    return f'<li><a href="{listing.href}">{escape(view.title(listing))}</a></li>'


def _in_rows(html: str, id: str, lists: Sequence[CustomerList], view: View) -> str:
    """Link the first cells of a table that are the name of a segment."""
    start = html.find(f'id="{id}"')
    end = html.find("</table>", start)
    if start < 0 or end < 0:
        return html
    table = html[start:end]
    for listing in lists:
        names = "|".join({re.escape(str(name)) for name in (listing.subject, view.title(listing))})
        link = f'<a href="{listing.href}">'
        table = re.sub(rf"(<t[dh]\b[^>]*>)({names})(</t[dh]>)", rf"\g<1>{link}\g<2></a>\g<3>", table)
    return html[:start] + table + html[end:]


def _after(html: str, id: str, more: str) -> str:
    """Put HTML behind the frame of a table."""
    start = html.find(f'id="{id}"')
    end = html.find("</table></div>", start)
    if start < 0 or end < 0:
        return html
    end += len("</table></div>")
    return html[:end] + more + html[end:]
