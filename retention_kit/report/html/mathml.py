"""Markdown with formulas: TeX becomes MathML, which every browser shows without further files."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_ATTACHED: Final = "attachment:"
"""Scheme of a link to an attachment of the cell."""
_KINDS: Final = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
"""Types of pictures that an attachment may have, the preferred first."""
_SOURCE: Final = re.compile(rf"""src=(["']){_ATTACHED}([^"'>]*)\1""", re.IGNORECASE)


def tex_to_mathml(tex: str, display: str = "inline") -> str:
    """A formula as MathML; TeX that cannot be parsed is shown unchanged.

    Examples
    --------
    >>> tex_to_mathml("x^2").startswith("<math")
    True
    >>> "<script>" in tex_to_mathml("<script>")
    False
    """
    try:
        return str(convert(tex, display=display))
    except Exception:  # the converter raises many kinds of errors; a formula must not stop a report
        return f"<code>{html.escape(tex)}</code>"


class _Renderer(IPythonRenderer):
    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture; `markdown_to_html` inserts attached ones, here and in raw HTML."""
        if not url.startswith(_ATTACHED):
            return str(super().image(text, url, title))
        return f'<img src="{html.escape(url)}" alt="{html.escape(text)}">'

    def block_math(self, body: str) -> str:
        """A display; formulas beside each other (\\qquad) stand one below the other, so that a phone shows them."""
        parts = body.split(r"\qquad")
        if any(part.count("{") != part.count("}") for part in parts) or r"\begin" in body:
            parts = [body]
        return "".join(
            f'<span class="formula" tabindex="0">{tex_to_mathml(part, "block")}</span>'
            for part in parts
            if part.strip()
        )

    def inline_math(self, body: str) -> str:
        return tex_to_mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


def markdown_to_html(source: str, attachments: Any = None) -> str:
    """Markdown as HTML, formulas as MathML. Raw HTML is kept, since `sanitise` runs afterwards.

    Examples
    --------
    >>> markdown_to_html("*Hello*").strip()
    '<p><em>Hello</em></p>'
    """
    rendered = MarkdownWithMath(renderer=_Renderer(escape=False, exclude_anchor_links=True)).render(source)
    return _SOURCE.sub(
        lambda match: f"src={match[1]}{_picture(unquote(match[2]), attachments or {})}{match[1]}", rendered
    )


def _picture(name: str, attachments: Mapping[str, Any]) -> str:
    """The data of an attached picture; for a missing one, an address that `sanitise` replaces by a note."""
    forms = attachments.get(name) or attachments.get(html.unescape(name)) or {}
    kind = next((kind for kind in _KINDS if kind in forms), None)
    return f"{_ATTACHED}{html.escape(name)}" if kind is None else f"data:{kind};base64,{_base64(kind, forms[kind])}"


def _base64(kind: str, data: str | list[str]) -> str:
    text = data if isinstance(data, str) else "".join(data)
    is_text = kind == "image/svg+xml" and text.lstrip().startswith("<")
    return base64.b64encode(text.encode()).decode() if is_text else "".join(text.split())
