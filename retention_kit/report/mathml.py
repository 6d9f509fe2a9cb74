"""Markdown with formulas: TeX becomes MathML, which every browser shows without help from elsewhere."""

from __future__ import annotations

import html
from typing import Any

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

__all__ = ["markdown_to_html", "tex_to_mathml"]


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
    renderer = _Renderer(escape=False, exclude_anchor_links=True, attachments=attachments or {})
    return MarkdownWithMath(renderer=renderer).render(source)
