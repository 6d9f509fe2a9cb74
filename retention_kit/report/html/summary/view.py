"""The first page as it is shown: sentences written in a language, tiles, and the sections in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from markupsafe import Markup

from retention_kit.report.html.summary import drawing, figure_texts
from retention_kit.report.html.summary.drawing import Spark
from retention_kit.report.html.summary.facts import AGAINST, Against, Change, Facts, Number
from retention_kit.report.html.summary.rules import (
    what_changed,
    what_comes_next,
    what_drove_it,
    what_if,
    what_to_do,
    what_to_trust,
)
from retention_kit.report.html.summary.sentences import Sentence, Value, sentence
from retention_kit.report.html.summary.writer import Writer
from retention_kit.report.language import gettext_noop

_WHOLE: Final = {
    (True, True): gettext_noop("%(month)s, a whole month, compared with %(previous)s and %(last_year)s."),
    (True, False): gettext_noop("%(month)s, a whole month, compared with %(previous)s."),
    (False, True): gettext_noop("%(month)s, a whole month, compared with %(last_year)s."),
    (False, False): gettext_noop("%(month)s; there is no earlier month to compare with."),
}
_PART: Final = gettext_noop("%(month)s up to day %(days)s; only the same days of earlier months are compared.")
_SEGMENT: Final = gettext_noop("Only customers of %(segment)s.")
_INTERVAL: Final = gettext_noop("95%%: %(interval)s")
_FULL_STOP: Final = re.compile(r"(?<!\.)[.。](?=(?:</span>)*$)")
_DOTTED: Final = gettext_noop("Dotted numbers say how they were made.")
_SINCE: Final = {
    "previous": gettext_noop("since %(previous)s"),
    "last_year": gettext_noop("since %(last_year)s"),
}
_TARGET: Final = {
    "met": gettext_noop("%(target)s, reached"),
    "undecided": gettext_noop("%(target)s, which is within the interval"),
    "not met": gettext_noop("%(target)s, %(short)s short"),
    "month not over": gettext_noop("%(value)s of %(target)s after %(day)s of %(days)s days"),
}
_VERDICTS: Final = {
    True: gettext_noop("more than chance"),
    False: gettext_noop("within chance"),
    None: gettext_noop("chance not known"),
}  # fmt: skip
_ARROWS: Final = {1: "↑", -1: "↓", 0: "→"}


@dataclass(frozen=True)
class Comparison:
    """A line of a tile: since when, by how much, and whether that is chance."""

    since: str
    arrow: str
    size: str
    verdict: str
    state: str


@dataclass(frozen=True)
class Tile:
    """A headline number."""

    label: str
    value: str
    interval: str
    note: str
    comparisons: tuple[Comparison, ...]
    target: str
    spark: Spark | None
    name: str


@dataclass(frozen=True)
class Section:
    """A finding with its text at the left and its figure at the right; `kind` says which figure."""

    kind: str
    title: Markup
    lines: tuple[Markup, ...]
    small: tuple[Markup, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """Everything that the template shows."""

    period: str
    dotted: str
    restated: Markup
    change: Markup
    causes: Markup
    action: Markup
    see: str
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]


def view(facts: Facts, writer: Writer, *, links: Mapping[str, str] | None = None) -> View:
    """The page of a month.

    Parameters
    ----------
    facts : Facts
        The month.
    writer : Writer
        Its language and currency.
    links : mapping of str to str, optional
        Links to the table of a list, and under "customer:ID" to the page of a customer.
    """
    sections = [_why(facts, writer), _to_do(facts, writer, links or {}), _next(facts, writer)]
    sections += [_back(facts, writer), _what_if(facts, writer), _trust(facts, writer)]
    restated = what_to_trust.restated(facts)
    return View(
        period=_capitalised(_joined([_period(facts), *_of_segment(facts)], writer)),
        dotted=writer.text(Sentence(_DOTTED)),
        restated=_html([] if restated is None else [restated], writer),
        change=_html(what_changed.what_changed(facts), writer),
        causes=_html(what_drove_it.what_drove_it(facts), writer),
        action=_html(what_to_do.what_to_do(facts), writer),
        see=_list_link(facts, links or {}),
        tiles=tuple(_tile(facts.numbers[name], facts, writer) for name in facts.tiles),
        sections=tuple(section for section in sections if section is not None),
    )


def _list_link(facts: Facts, links: Mapping[str, str]) -> str:
    """Link to the list that the advice speaks of; empty where it has no page."""
    chosen = what_to_do.chosen(facts)
    return links.get(chosen.name if chosen else "overdue", "")


def _gap(writer: Writer) -> str:
    """What stands between two sentences."""
    return "" if writer.language.code == "zh-Hant" else " "


def _joined(sentences: Iterable[Sentence], writer: Writer) -> str:
    return _gap(writer).join(map(writer.text, sentences))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _html(sentences: Iterable[Sentence], writer: Writer) -> Markup:
    return Markup(_gap(writer)).join(map(writer.html, sentences))


def _period(facts: Facts) -> Sentence:
    month = Value("month_year", facts.month)
    if facts.days is not None:
        return sentence(_PART, month=month, days=Value("count", facts.days))
    compared = {against for number in facts.numbers.values() for against in number.changes}
    values = {against: Value("of_month_year", facts.before(against)) for against in AGAINST if against in compared}
    return sentence(_WHOLE["previous" in compared, "last_year" in compared], month=month, **values)


def _title(title: Sentence, writer: Writer) -> Markup:
    """The title of a section, which has no full stop even where its message also stands as a sentence."""
    return Markup(_FULL_STOP.sub("", writer.html(title)))


def _of_segment(facts: Facts) -> tuple[Sentence, ...]:
    return (sentence(_SEGMENT, segment=Value("text", facts.segment)),) if facts.segment else ()


# --- tiles


def _tile(number: Number, facts: Facts, writer: Writer) -> Tile:
    titles = [figure_texts.point(point, number, writer) for point in number.history]
    ends = ["", ""]
    if number.history:
        ends = [writer.month_year(number.history[0].month), writer.month(number.history[-1].month)]
    interval = writer.unit_range((number.low, number.high, number.unit))
    return Tile(
        label=writer.label(number.label),
        value=writer.in_unit((number.value, number.unit)),
        interval=writer.language.gettext(_INTERVAL, interval=interval) if interval else "",
        note=writer.label(number.note) if number.note and not number.changes else "",
        comparisons=tuple(
            _comparison(number, against, change, facts, writer) for against, change in number.changes.items()
        ),
        target=_target(number, writer),
        spark=drawing.spark(number, titles, *ends),
        name=number.name,
    )


def _comparison(number: Number, against: Against, change: Change, facts: Facts, writer: Writer) -> Comparison:
    kind = "of_month" if against == "previous" else "of_month_year"
    since = writer.text(sentence(_SINCE[against], **{against: Value(kind, facts.before(against))}))  # type: ignore[arg-type]
    size = writer.unit_change((number.value, change.before, number.unit))
    moved = 0 if not any(digit in size for digit in "123456789") else 1 if number.value > change.before else -1
    state = "" if not change.sure else "more" if moved > 0 else "less"
    return Comparison(since, _ARROWS[moved], size, writer.language.as_is(_VERDICTS[change.sure]), state)


def _target(number: Number, writer: Writer) -> str:
    target = number.target
    if target is None:
        return ""
    values = {"target": Value("in_unit", (target.value, number.unit))}
    if target.state == "not met":
        values["short"] = Value("in_unit", (abs(target.value - number.value), number.unit))
    if target.state == "month not over":
        values |= {"value": Value("in_unit", (number.value, number.unit))}
        values |= {"day": Value("count", target.day), "days": Value("count", target.days)}
    return writer.text(Sentence(_TARGET[target.state], values))


# --- sections


def _why(facts: Facts, writer: Writer) -> Section | None:
    if not facts.causes:
        return None
    lines = tuple(map(writer.html, what_drove_it.text(facts)))
    return Section(
        "why",
        _title(what_drove_it.title(facts), writer),
        lines,
        figure_texts.legend(writer),
        {"panels": figure_texts.causes(facts, writer)},
    )


def _to_do(facts: Facts, writer: Writer, links: Mapping[str, str]) -> Section | None:
    title = what_to_do.title(facts)
    if title is None:
        return None
    *lines, small = [*map(writer.html, what_to_do.text(facts))] or [Markup("")]
    shown = {**figure_texts.lists(facts, writer, links), "all": _list_link(facts, links)}
    return Section("do", _title(title, writer), tuple(lines), (small,) if small else (), shown)


def _next(facts: Facts, writer: Writer) -> Section | None:
    said = [*map(writer.html, what_comes_next.next_quarter(facts))]
    if not said or facts.outlook is None:
        return None
    return Section("next", said[0], tuple(said[1:]), (), figure_texts.outlook(facts.outlook, writer))


def _back(facts: Facts, writer: Writer) -> Section | None:
    said = [*map(writer.html, what_comes_next.coming_back(facts))]
    if not said or facts.returning is None:
        return None
    return Section("back", said[0], tuple(said[1:]), (), figure_texts.cohorts(facts.returning, writer))


def _what_if(facts: Facts, writer: Writer) -> Section | None:
    title = what_if.title(facts)
    if title is None:
        return None
    small = tuple(map(writer.html, what_if.small(facts)))
    said = [*map(writer.html, what_if.text(facts))]
    links = {"href": facts.what_if.href, "by_group": facts.what_if.by_group}
    return Section("what-if", _title(title, writer), (), small, {"said": said, **links})


def _trust(facts: Facts, writer: Writer) -> Section:
    blocks = [
        (writer.language.as_is(block.heading), [writer.html(line) for line in block.lines])
        for block in what_to_trust.blocks(facts)
    ]
    return Section("trust", _title(what_to_trust.title(facts), writer), (), (), {"blocks": blocks})
