"""Markdown with formulas: TeX becomes MathML, which every browser shows without help from elsewhere."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

__all__ = ["markdown_to_html", "tex_to_mathml"]

_ATTACHED: Final = "attachment:"
_KINDS: Final = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
_SOURCE: Final = re.compile(rf"""src=(["']){_ATTACHED}([^"'>]*)\1""", re.IGNORECASE)


def tex_to_mathml(tex: str, display: str = "inline") -> str:
    """A formula as MathML; TeX that cannot be read is shown as it is.

    Examples
    --------
    >>> tex_to_mathml("x^2").startswith("<math")
    True
    >>> "<script>" in tex_to_mathml("<script>")
    False
    """
    try:
        return str(convert(tex, display=display))
    except Exception:  # the converter raises whatever its parser stumbles over; a formula must not stop a report
        return f"<code>{html.escape(tex)}</code>"


class _Renderer(IPythonRenderer):
    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture; one that is attached is put in by `markdown_to_html`, which also knows those in raw HTML."""
        if not url.startswith(_ATTACHED):
            return str(super().image(text, url, title))
        return f'<img src="{html.escape(url)}" alt="{html.escape(text)}">'

    def block_math(self, body: str) -> str:
        return f'<span class="formula" tabindex="0">{tex_to_mathml(body, "block")}</span>'

    def inline_math(self, body: str) -> str:
        return tex_to_mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


def markdown_to_html(source: str, attachments: Any = None) -> str:
    """Markdown as HTML, formulas as MathML. Raw HTML is kept: `sanitise` comes after.

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
    """The data of an attached picture; of one that is missing, what `sanitise` makes a word of."""
    forms = attachments.get(name) or attachments.get(html.unescape(name)) or {}
    kind = next((kind for kind in _KINDS if kind in forms), None)
    return f"{_ATTACHED}{html.escape(name)}" if kind is None else f"data:{kind};base64,{_base64(kind, forms[kind])}"


def _base64(kind: str, data: str | list[str]) -> str:
    text = data if isinstance(data, str) else "".join(data)
    is_text = kind == "image/svg+xml" and text.lstrip().startswith("<")
    return base64.b64encode(text.encode()).decode() if is_text else "".join(text.split())
