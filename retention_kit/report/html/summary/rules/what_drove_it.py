"""The second sentence and the section "why": what a change of revenue consists of. Parts are arithmetic, no causes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from retention_kit.report.html.summary.facts import AGAINST, Against, Cause, Causes, Facts
from retention_kit.report.html.summary.sentences import Sentence, Value, sentence
from retention_kit.report.language import gettext_noop

PARTS: Final = {
    "customers": gettext_noop("Customers who bought"),
    "orders_per_customer": gettext_noop("Orders per customer"),
    "value_per_order": gettext_noop("Value per order"),
    "refunds": gettext_noop("Refunds"),
    "first": gettext_noop("First orders"),
    "repeat": gettext_noop("Repeat orders"),
}
"""Names of the parts of a change."""
NUMBERS: Final = {
    "customers": ("customers", "count"),
    "orders_per_customer": ("purchase_frequency", "decimal"),
    "value_per_order": ("average_order_value", "money"),
}
"""The number whose change is a part."""
ALL_OF_IT: Final = 0.8
MORE_THAN_ALL: Final = 1.05
"""From this share of the change on, the other parts went the other way, and are said."""
MOST_OF_IT: Final = 0.5
_ALL: Final = {
    ("customers", True): gettext_noop(
        "Nearly all of the growth is more customers: %(now)s bought, against %(before)s %(in_earlier)s."
    ),
    ("customers", False): gettext_noop(
        "Nearly all of the decline is fewer customers: %(now)s bought, against %(before)s %(in_earlier)s."
    ),
    ("orders_per_customer", True): gettext_noop(
        "Nearly all of the growth is more orders per customer: %(now)s, against %(before)s %(in_earlier)s."
    ),
    ("orders_per_customer", False): gettext_noop(
        "Nearly all of the decline is fewer orders per customer: %(now)s, against %(before)s %(in_earlier)s."
    ),
    ("value_per_order", True): gettext_noop(
        "Nearly all of the growth is larger orders: %(now)s on average, against %(before)s %(in_earlier)s."
    ),
    ("value_per_order", False): gettext_noop(
        "Nearly all of the decline is smaller orders: %(now)s on average, against %(before)s %(in_earlier)s."
    ),
    ("refunds", True): gettext_noop("Nearly all of the growth is fewer refunds: %(change)s."),
    ("refunds", False): gettext_noop("Nearly all of the decline is more refunds: %(change)s."),
}
_MOST: Final = {
    ("customers", True): gettext_noop(
        "Most of the growth is more customers: %(now)s bought, against %(before)s %(in_earlier)s."
    ),
    ("customers", False): gettext_noop(
        "Most of the decline is fewer customers: %(now)s bought, against %(before)s %(in_earlier)s."
    ),
    ("orders_per_customer", True): gettext_noop(
        "Most of the growth is more orders per customer: %(now)s, against %(before)s %(in_earlier)s."
    ),
    ("orders_per_customer", False): gettext_noop(
        "Most of the decline is fewer orders per customer: %(now)s, against %(before)s %(in_earlier)s."
    ),
    ("value_per_order", True): gettext_noop(
        "Most of the growth is larger orders: %(now)s on average, against %(before)s %(in_earlier)s."
    ),
    ("value_per_order", False): gettext_noop(
        "Most of the decline is smaller orders: %(now)s on average, against %(before)s %(in_earlier)s."
    ),
    ("refunds", True): gettext_noop("Most of the growth is fewer refunds: %(change)s."),
    ("refunds", False): gettext_noop("Most of the decline is more refunds: %(change)s."),
}
_MORE_THAN_ALL: Final = gettext_noop(
    "“%(part)s” alone made %(change)s: %(now)s, against %(before)s %(in_earlier)s. The other parts made %(rest)s."
)
_MORE_THAN_ALL_ALONE: Final = gettext_noop("“%(part)s” alone made %(change)s; the other parts made %(rest)s.")
_LARGEST: Final = gettext_noop("No single part explains it; the largest is “%(part)s”: %(change)s of %(total)s.")
_BOTH_WAYS: Final = {
    True: gettext_noop(
        "Two parts pulled against each other, and the gain won: “%(gain_part)s” (%(gain)s) and “%(loss_part)s” "
        "(%(loss)s)."
    ),
    False: gettext_noop(
        "Two parts pulled against each other, and the loss won: “%(gain_part)s” (%(gain)s) and “%(loss_part)s” "
        "(%(loss)s)."
    ),
}
_AS_THEY_WERE: Final = gettext_noop(
    "Orders per customer (%(frequency)s) and value per order (%(value)s) are what they were."
)
_REST: Final = gettext_noop("The other parts moved within chance.")
_NOTHING: Final = gettext_noop("No part of revenue moved by more than chance.")
_ONE_PART: Final = gettext_noop(
    "Revenue as a whole moved within chance; “%(part)s” moved by more: %(change)s since %(earlier)s."
)
_ONE_NUMBER: Final = gettext_noop(
    "Revenue as a whole moved within chance; “%(part)s” moved by more: %(now)s, against %(before)s %(in_earlier)s "
    "(%(change)s)."
)
_NOT_KNOWN: Final = gettext_noop(
    "The largest part of the change since %(earlier)s is “%(part)s”: %(change)s of %(total)s."
)
_ONLY: Final = gettext_noop("Only one group moved by more than chance, %(group)s: %(change)s.")
_EVERYWHERE: Final = {
    True: gettext_noop("Every group grew by more than chance: %(groups)s."),
    False: gettext_noop("Every group fell by more than chance: %(groups)s."),
}
TITLES: Final = {
    ("customers", True): gettext_noop("More customers made the difference"),
    ("customers", False): gettext_noop("Fewer customers made the difference"),
    ("orders_per_customer", True): gettext_noop("More orders per customer made the difference"),
    ("orders_per_customer", False): gettext_noop("Fewer orders per customer made the difference"),
    ("value_per_order", True): gettext_noop("Larger orders made the difference"),
    ("value_per_order", False): gettext_noop("Smaller orders made the difference"),
    ("refunds", True): gettext_noop("Fewer refunds made the difference"),
    ("refunds", False): gettext_noop("More refunds made the difference"),
}
_NO_TITLE: Final = gettext_noop("No part of revenue moved by more than chance")
_TITLE_ONE: Final = gettext_noop("Revenue moved within chance, one part of it by more")
_TITLE_BOTH: Final = gettext_noop("Gains and losses pulled against each other")
_TITLE_MANY: Final = gettext_noop("Several parts moved revenue together")
_OF_WHICH: Final = {
    True: gettext_noop("Of the %(total)s more than %(in_earlier)s, %(change)s are in the part “%(part)s”."),
    False: gettext_noop("Of the %(total)s less than %(in_earlier)s, %(change)s are in the part “%(part)s”."),
}
_BEST_GUESS: Final = gettext_noop(
    "Since %(earlier)s no part moved by more than chance. The best guess is “%(part)s”: %(change)s."
)
_SAME_DAYS: Final = gettext_noop("The same days of both months are compared.")


def explained(facts: Facts) -> Against | None:
    """The comparison that the page explains: the first one in which revenue surely moved."""
    for against in reversed(AGAINST):
        causes, change = (
            facts.causes.get(against),
            facts.numbers["revenue"].changes.get(against) if "revenue" in facts.numbers else None,
        )
        if causes and change and change.sure:
            return against
    return None


def what_drove_it(facts: Facts) -> tuple[Sentence, ...]:
    """What the change consists of."""
    if not facts.causes:
        return ()
    against = explained(facts)
    if against is None:
        return tuple(_unexplained(facts))
    return tuple(_driven(facts, against))


def title(facts: Facts) -> Sentence:
    """The finding of the section."""
    against = explained(facts)
    if against is None:
        if _one_part(facts):
            return Sentence(_TITLE_ONE)
        return Sentence(_NO_TITLE if _is_judged(facts) else gettext_noop("What the change consists of"))
    parts, total = _factors(facts.causes[against]), facts.causes[against].total
    if _opposed(parts):
        return Sentence(_TITLE_BOTH)
    largest = _largest(parts, total)
    if largest.change / total < MOST_OF_IT:
        return Sentence(_TITLE_MANY)
    return Sentence(TITLES[largest.name, total > 0])


def text(facts: Facts) -> tuple[Sentence, ...]:
    """The section's paragraphs: the explained comparison, then the other one."""
    lines: list[Sentence] = []
    against = explained(facts)
    if against is not None:
        causes = facts.causes[against]
        largest = _largest(causes.splits.get("factors", ()), causes.total)
        if largest.change / causes.total < MORE_THAN_ALL:
            lines.append(
                sentence(
                    _OF_WHICH[causes.total > 0],
                    total=Value("money", abs(causes.total)),
                    in_earlier=Value("in_month_year", facts.before(against)),
                    change=Value("money", abs(largest.change)),
                    part=Value("label", PARTS.get(largest.name, largest.name)),
                )
            )
        lines += _of_groups(causes)
    for other in AGAINST:
        causes_of_other = facts.causes.get(other)
        if other != against and causes_of_other and not any(part.sure for part in _factors(causes_of_other)):
            lines += _guess(facts, other, causes_of_other)
    if any(causes.days is not None for causes in facts.causes.values()):
        lines.append(Sentence(_SAME_DAYS))
    return tuple(lines)


def _driven(facts: Facts, against: Against) -> Iterator[Sentence]:
    causes = facts.causes[against]
    parts, total = _factors(causes), causes.total
    if opposed := _opposed(parts):
        gain, loss = opposed
        yield sentence(
            _BOTH_WAYS[total > 0],
            gain_part=_name(gain), gain=_signed(gain), loss_part=_name(loss), loss=_signed(loss),
        )  # fmt: skip
        return
    largest = _largest(parts, total)
    portion = largest.change / total if total else 0.0
    if portion < MOST_OF_IT:
        yield sentence(_LARGEST, part=_name(largest), change=_signed(largest), total=Value("signed_money", total))
        return
    number = _of_number(facts, largest, against)
    if portion >= MORE_THAN_ALL:
        message = _MORE_THAN_ALL if "now" in number else _MORE_THAN_ALL_ALONE
        rest = Value("signed_money", total - largest.change)
        yield sentence(message, **{**number, "part": _name(largest), "change": _signed(largest), "rest": rest})
    else:
        yield sentence((_ALL if portion >= ALL_OF_IT else _MOST)[largest.name, total > 0], **number)
    others = [part for part in parts if part is not largest]
    if not any(part.sure for part in others):
        yield from [Sentence(_REST)] if portion >= MORE_THAN_ALL else _rest(facts, largest)
    yield from _of_groups(causes, only=True)


def _of_number(facts: Facts, part: Cause, against: Against) -> dict[str, Value]:
    """The number behind a part: now and before."""
    if part.name not in NUMBERS:
        return {"change": _signed(part)}
    name, kind = NUMBERS[part.name]
    number = facts.numbers[name]
    change = number.changes[against]
    values = {"now": number.value, "before": change.before}
    said = {key: Value(kind, value) for key, value in values.items()}  # type: ignore[arg-type]
    return {
        **said,
        "now": Value(said["now"].kind, number.value, _behind(part)),
        "in_earlier": Value("in_month_year", facts.before(against)),
    }


def _behind(part: Cause) -> tuple[Sentence, ...]:
    lines = [sentence(gettext_noop("This part of the change: %(change)s"), change=_plain(part))]
    if not math.isnan(part.low):
        lines.append(
            sentence(gettext_noop("95%% interval: %(interval)s"), interval=Value("range", (part.low, part.high)))
        )
    if not math.isnan(part.p) and part.sure is not None:
        message = (
            gettext_noop("more than chance: %(chance)s") if part.sure else gettext_noop("within chance: %(chance)s")
        )
        lines.append(sentence(message, chance=Value("chance", part.p)))
    return tuple(lines)


def _rest(facts: Facts, largest: Cause) -> Iterator[Sentence]:
    frequency, value = facts.numbers.get("purchase_frequency"), facts.numbers.get("average_order_value")
    if largest.name == "customers" and frequency and value:
        yield sentence(_AS_THEY_WERE, frequency=Value("decimal", frequency.value), value=Value("money", value.value))
    else:
        yield Sentence(_REST)


def _of_groups(causes: Causes, *, only: bool = False) -> Iterator[Sentence]:
    """Whether one group alone moved, or all of them."""
    for parts in causes.dimensions().values():
        sure = [part for part in parts if part.sure]
        if len(sure) == 1 < len(parts):
            yield sentence(_ONLY, group=Value("text", sure[0].name), change=_signed(sure[0]))
        elif not only and len(sure) == len(parts) > 1 and len({part.change > 0 for part in parts}) == 1:
            groups = Value("text", ", ".join(part.name for part in parts))
            yield sentence(_EVERYWHERE[parts[0].change > 0], groups=groups)


def _one_part(facts: Facts) -> tuple[Against, Cause] | None:
    """The largest part that surely moved where revenue itself did not, since a year ago before since last month."""
    for against in reversed(AGAINST):
        sure = [part for part in _factors(facts.causes[against]) if part.sure] if against in facts.causes else []
        if sure:
            return against, max(sure, key=lambda part: abs(part.change))
    return None


def _unexplained(facts: Facts) -> Iterator[Sentence]:
    if known := _one_part(facts):
        against, part = known
        number = _of_number(facts, part, against)
        if "now" in number:
            yield sentence(_ONE_NUMBER, **{**number, "part": _name(part), "change": _signed(part)})
        else:
            yield sentence(_ONE_PART, part=_name(part), change=_signed(part), earlier=_since(facts, against))
        return
    if _is_judged(facts):
        yield Sentence(_NOTHING)
        return
    against = next(reversed([a for a in AGAINST if a in facts.causes]))
    causes = facts.causes[against]
    largest = _largest(_factors(causes), causes.total)
    yield sentence(
        _NOT_KNOWN,
        earlier=Value("of_month_year", facts.before(against)),
        part=_name(largest),
        change=_signed(largest),
        total=Value("signed_money", causes.total),
    )


def _guess(facts: Facts, against: Against, causes: Causes) -> Iterator[Sentence]:
    parts = _factors(causes)
    if parts and all(part.sure is False for part in parts):
        largest = _largest(parts, causes.total)
        yield sentence(_BEST_GUESS, earlier=_since(facts, against), part=_name(largest), change=_signed(largest))


def _since(facts: Facts, against: Against) -> Value:
    """The month before that a change is counted from."""
    return Value("of_month_year" if against == "last_year" else "of_month", facts.before(against))


def _is_judged(facts: Facts) -> bool:
    """Whether it is known of every part whether it moved by more than chance."""
    return all(part.sure is not None for causes in facts.causes.values() for part in _factors(causes))


def _factors(causes: Causes) -> tuple[Cause, ...]:
    return causes.splits.get("factors") or next(iter(causes.splits.values()), ())


def _largest(parts: Sequence[Cause], total: float) -> Cause:
    """The part that goes furthest in the direction of the whole."""
    return max(parts, key=lambda part: part.change if total >= 0 else -part.change)


def _opposed(parts: Sequence[Cause]) -> tuple[Cause, Cause] | None:
    """The largest gain and the largest loss, if both are more than chance."""
    gains = [part for part in parts if part.sure and part.change > 0]
    losses = [part for part in parts if part.sure and part.change < 0]
    if not gains or not losses:
        return None
    return max(gains, key=lambda part: part.change), min(losses, key=lambda part: part.change)


def _name(part: Cause) -> Value:
    return Value("label", PARTS.get(part.name, part.name))


def _signed(part: Cause) -> Value:
    return Value("signed_money", part.change, _behind(part))


def _plain(part: Cause) -> Value:
    return Value("signed_money", part.change)
