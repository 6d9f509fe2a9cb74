"""The code of a notebook's cells on its page: the same every month, so it is highlighted once for a run.

It is most of what a page consists of. A mark stands in its place until the rest of the page is in order.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import PreformattedString
from nbconvert.filters.highlight import Highlight2HTML

__all__ = ["Listings", "highlighted"]


class Listings:
    """The pieces of code of one page, each under its mark."""

    def __init__(self) -> None:
        self._code: dict[str, tuple[str, str]] = {}

    def mark(self, source: str, metadata: Mapping[str, Any]) -> str:
        """What stands for a piece of code until `put`; the metadata may name its language."""
        code = (source, metadata.get("magics_language", ""))
        name = f"code-{hashlib.sha256(repr(code).encode()).hexdigest()}"
        self._code[name] = code
        return f'<pre id="{name}"></pre>\n'

    def put(self, tree: BeautifulSoup) -> None:
        """Code in the place of its marks; the tree is sanitised already, and the code is harmless."""
        for mark in tree.find_all("pre", id=self._code.get):
            mark.replace_with(PreformattedString(highlighted(*self._code[mark["id"]])))


@functools.lru_cache(maxsize=1024)
def highlighted(source: str, language: str = "") -> str:
    """A piece of code as harmless HTML: pygments writes its own elements and escapes all of the code.

    Examples
    --------
    >>> print(highlighted("x = '<b>'"))
    <div class=" highlight hl-ipython3"><pre><span></span><span class="n">x</span> <span class="o">=</span> \
<span class="s1">'&lt;b&gt;'</span>
    </pre></div>
    """
    html = Highlight2HTML(pygments_lexer="ipython3")(source, metadata={"magics_language": language} if language else {})
    return html.rstrip("\n")
