"""Only harmless HTML reaches a page: elements and attributes that are not on the lists below are dropped.

The pages also carry a content security policy that blocks every request and every script except the one that sorts
tables (`sortable`); sanitising is the first of these two protections.
"""

from __future__ import annotations

import re
from typing import Any, Final

from bs4 import BeautifulSoup
from bs4.element import PreformattedString, Tag

_HTML: Final = """
a abbr b blockquote br caption code col colgroup data dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr
i img kbd li mark ol p pre s section small span strong sub summary sup table tbody td tfoot th thead tr u ul
"""
_MATHML: Final = """
math mrow mi mn mo ms mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd mstyle
mpadded mphantom menclose mfenced
"""
_REMOVED: Final = "script style iframe object embed template noscript noembed noframes svg form title textarea select"
_FROM_ELSEWHERE: Final = ("iframe", "object", "embed")
_ATTRIBUTES: Final = """
alt aria-describedby aria-hidden aria-label aria-labelledby class colspan columnalign columnspacing data-label dir
display displaystyle fence headers height href id lang linethickness mathvariant maxsize minsize open role rowspacing
rowspan scope separator src stretchy style tabindex title width xmlns
"""
ALLOWED_TAGS: Final = frozenset((_HTML + _MATHML).split())
ALLOWED_ATTRIBUTES: Final = frozenset(_ATTRIBUTES.split())
REMOVED_WITH_CONTENT: Final = frozenset(_REMOVED.split())
_LINK: Final = re.compile(r"(https?:|mailto:|#|\.{0,2}/(?!/)|[\w.-]+\.(html|ipynb|csv)\b)", re.IGNORECASE)
"""Addresses that a link may have: the web, mail, a place on the page, files of the report."""
_LESSON: Final = re.compile(r"\.\./learn/")
"""Links to lessons, which are not part of a published report: such a link keeps only its text."""
_IMAGE: Final = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,")
"""Pictures must be embedded."""
_STYLER: Final = re.compile(r"(\s*#T_[^{}<>@\\]*\{[^{}<>@\\]*\})+\s*")
"""A style sheet whose every rule is for a table of a pandas Styler, without nested braces."""
_UNSAFE_STYLE: Final = re.compile(r"url|image|expression|position|z-index|@|\\|<|/\*", re.IGNORECASE)


def parse(html: str) -> BeautifulSoup:
    """HTML as a tree."""
    return BeautifulSoup(html, "html.parser")


def sanitise(tree: BeautifulSoup) -> BeautifulSoup:
    """Remove everything from the tree that is not on the lists; text of unknown elements stays as text.

    Examples
    --------
    >>> str(sanitise(parse('<p onclick="x()">a<script>b</script><blink>c</blink></p>')))
    '<p>ac</p>'
    >>> str(sanitise(parse('<a href="../learn/03_cohorts.ipynb">lesson 3</a>, <a href="02_cohorts.html">page</a>')))
    '<a>lesson 3</a>, <a href="02_cohorts.html">page</a>'
    >>> str(sanitise(parse('<p><img src="https://example.org/pixel.png"></p>')))
    '<p>[a picture from elsewhere is left out]</p>'
    >>> str(sanitise(parse('<li><input type="checkbox" checked disabled>done</li>')))
    '<li>☑ done</li>'
    """
    for element in list(tree.descendants):
        if element.decomposed:
            continue
        if isinstance(element, PreformattedString):
            element.extract()  # comments and processing instructions
        elif isinstance(element, Tag):
            _sanitise(element)
    return tree


def _sanitise(tag: Tag) -> None:
    """Reduce one element to what is on the lists."""
    if tag.name in _FROM_ELSEWHERE:
        tag.replace_with("[what another page would show here is left out]")
    elif tag.name in REMOVED_WITH_CONTENT and not _colours(tag):
        tag.decompose()
    elif tag.name == "style":
        tag.attrs = {}
    elif tag.name == "img" and not _IMAGE.match(str(tag.get("src", ""))):
        is_attached = str(tag.get("src", "")).startswith("attachment:")
        tag.replace_with(
            f"[a picture {'that was attached is missing' if is_attached else 'from elsewhere is left out'}]"
        )
    elif tag.name == "input" and tag.get("type") == "checkbox":
        tag.replace_with("☑ " if tag.has_attr("checked") else "☐ ")
    elif tag.name not in ALLOWED_TAGS:
        tag.unwrap()
    else:
        tag.attrs = {name: value for name, value in tag.attrs.items() if _allowed(tag.name, name, value)}


def _colours(tag: Tag) -> bool:
    """Whether an element only holds the colours of a pandas Styler, which affect its own table alone."""
    return tag.name == "style" and bool(_STYLER.fullmatch(tag.text)) and not _UNSAFE_STYLE.search(tag.text)


def _allowed(tag: str, name: str, value: Any) -> bool:
    text = " ".join(value) if isinstance(value, list) else str(value or "")
    if name == "value":
        return tag == "data"  # pages sort tables by it
    if name not in ALLOWED_ATTRIBUTES:
        return False
    if name == "href":
        return tag == "a" and bool(_LINK.match(text)) and not _LESSON.match(text)
    if name == "src":
        return tag == "img" and bool(_IMAGE.match(text))
    return name != "style" or not _UNSAFE_STYLE.search(text)
