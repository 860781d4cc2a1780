"""One condition with what it read: "score is 12, not at least 40"."""

from __future__ import annotations

from dataclasses import replace

from engine.rules import ir
from engine.rules.explain import Explained
from engine.rules.types import Label
from engine.rules.wording.amounts import bound, in_currency, money, without_currency
from engine.rules.wording.changes import once
from engine.rules.wording.changes import told as change
from engine.rules.wording.describe import phrase
from engine.rules.wording.nouns import Nouns
from engine.rules.wording.reasons import Reason
from engine.rules.wording.verbs import Verb, is_timely, said_of_values


def _verb(words: str, yes_zh: str, no_zh: str) -> Verb:
    return Verb(Label(words, yes_zh), Label(f"not {words}", no_zh))


_IS, _ARE = Label("{} is {}", "{}为{}"), Label("{} are {}", "{}为{}")
_ASKED = Label("{}, {}", "{}，{}")
_WHICH = Label("{}, which {}", "{}，{}")
_KNOWN, _UNKNOWN = Label("{} is known", "{}已知"), Label("{} is unknown", "{}未知")
_COMPARED: dict[ir.Comparison, Verb] = {
    "==": _verb("{}", "等于{}", "不是{}"),
    "<": _verb("less than {}", "小于{}", "不小于{}"),
    "<=": _verb("at most {}", "不超过{}", "超过{}"),
    ">": _verb("more than {}", "大于{}", "不大于{}"),
    ">=": _verb("at least {}", "达到{}", "不到{}"),
}
_ONE_OF = _verb("one of {}", "属于{}之一", "不属于{}")
_BETWEEN = _verb("between {} and {}", "介于{}与{}之间", "不在{}与{}之间")
_TEXTS: dict[ir.TextTestName, Verb] = {
    "contains": _verb("containing {}", "包含{}", "不包含{}"),
    "starts_with": _verb("starting with {}", "以{}开头", "不以{}开头"),
    "ends_with": _verb("ending with {}", "以{}结尾", "不以{}结尾"),
}
_COUNTED = Label("{} is {}", "{}的数量为{}")
_HAPPENED, _ONCE = (
    Label("{} happened {} times", "{}发生了{}次"),
    Label("{} happened once", "{}发生了1次"),
)
_WITH, _WITHOUT = Label("{}, with {}", "{}，含有{}"), Label("{}, without {}", "{}，不含{}")
_ALL_OF, _ANY_OF = Label("all of {}", "全部{}"), Label("any of {}", "{}中的任一项")
_NONE_THERE = Label("there are no {}", "没有{}")
_MATCHING = Label("{} of {} {} match ({})", "{1} 个{2}中有 {0} 个满足（{3}）")
_THOSE, _WHERE = Label("{0} {1}", "{1}的{0}"), Label("{} where {}", "满足“{1}”的{0}")
_ALWAYS, _NEVER = (
    Label("the rule always holds", "规则始终成立"),
    Label("the rule never holds", "规则从不成立"),
)
# The time that counts when a person says "orders in the last 90 days".
_WHEN = {
    "orders": ("placed_at",),
    "events": ("occurred_at",),
    "deals": ("opened_at",),
    "tickets": ("opened_at",),
    "messages": ("sent_at",),
    "changes": ("changed_at",),
}


def found(reason: Reason, nouns: Nouns) -> str:
    """What a single condition read, and what was asked of it."""
    if len(reason.read) == 2:
        return _amount(reason, nouns)
    (explained,) = reason.read
    node = explained.node
    if (said := change(node, nouns, truth=explained.truth)) is not None:
        return said
    match node:
        case ir.Or():
            whole = once(node, nouns, phrase, truth=explained.truth)
            return _several(explained, nouns) if whole is None else whole
        case ir.Constant(truth):
            return nouns.say(_ALWAYS if truth else _NEVER)
        case ir.IsSet():
            return nouns.say(_KNOWN if explained.truth else _UNKNOWN, nouns.value(node.value))
        case ir.Quantified():
            return _quantified(node, explained, nouns)
        case ir.Has():
            return _set(node, explained, nouns)
        case ir.IsTrue():
            return _is(nouns.value(node.value), _value(explained, nouns), nouns)
        case ir.Compare() if len(explained.readings) == 1:
            return _compared(node, explained, nouns)
        case ir.Within() | ir.ComesRound() | ir.OneOf() | ir.TextTest() if (
            len(explained.readings) == 1
        ):
            read = _is(nouns.value(node.value), _value(explained, nouns), nouns)
            return _asked(read, node, explained.truth, nouns)
        case _:
            return _several(explained, nouns)


def _is(subject: str, value: str, nouns: Nouns) -> str:
    return nouns.say(_IS, subject, value)


def _value(explained: Explained, nouns: Nouns) -> str:
    return nouns.literal(explained.readings[0].value)


def _asked(told: str, node: ir.Predicate, truth: bool, nouns: Nouns) -> str:
    """What was read, followed by what the condition asks or that it is not so."""
    own = _demand(node, nouns)
    verb, words = own or said_of_values(node, nouns)
    label = verb.yes if truth else verb.no
    if own is None and nouns.language == "en" and "{be" not in label.en:
        return nouns.say(_WHICH, told, nouns.say(label, *words))
    said = nouns.say(label, *words, be="", be_not="not").strip()
    # in Chinese some verbs hang on their subject, which has been said
    return nouns.say(_ASKED, told, said.removeprefix("的"))


def _demand(node: ir.Predicate, nouns: Nouns) -> tuple[Verb, list[str]] | None:
    """What a condition asks, as far as it can be said without its subject."""
    match node:
        case ir.Compare(sign, left, right) if not is_timely(left):
            return _COMPARED[sign], [bound(left, right, nouns)]
        case ir.Within(value, low, high) if not is_timely(value):
            return _BETWEEN, [nouns.value(low), nouns.value(high)]
        case ir.OneOf(options=options):
            return _ONE_OF, [nouns.listing(map(nouns.literal, options))]
        case ir.TextTest(test=test, text=text):
            return _TEXTS[test], [nouns.literal(text)]
        case _:
            return None


def _compared(node: ir.Compare, explained: Explained, nouns: Nouns) -> str:
    read = explained.readings[0].value
    if isinstance(node.left, ir.Count):
        told = _counted(node.left.items, node.left.where, read, nouns)
    else:
        told = _is(_subject(node.left, nouns), in_currency(node.left, read, nouns), nouns)
    if explained.truth and node.operator == "==" and isinstance(node.right, ir.Literal):
        return told
    return _asked(told, node, explained.truth, nouns)


def _subject(value: ir.Value, nouns: Nouns) -> str:
    match value:
        case ir.Aggregate():
            where = without_currency(value.where)
            words = "" if where == ir.TRUE else phrase(where, nouns.inside(value.items))
            # without its own phrase, which would say the currency once more
            return replace(nouns, phrase=None).value(value, words)
        case _:
            return nouns.value(value)


def _counted(items: ir.Items, where: ir.Predicate, number: int, nouns: Nouns) -> str:
    """How many there are, or how often it happened."""
    those = _those(items, where, nouns)
    if items.name != "events":
        return nouns.say(_COUNTED, those, str(number))
    return nouns.say(_ONCE, those) if number == 1 else nouns.say(_HAPPENED, those, str(number))


def _those(items: ir.Items, where: ir.Predicate, nouns: Nouns) -> str:
    """The items a count looks at: "orders in the last 90 days", "“Signed Up” where …"."""
    parts = where.parts if isinstance(where, ir.And) else (where,)
    inside, name = nouns.inside(items), nouns.list_name(items)
    when, rest = "", []
    for part in parts:
        match part:
            case ir.Compare("==", ir.Field(path=("name",)), ir.Literal(value=str(event))) if (
                items.name == "events"
            ):
                name = nouns.literal(event)
            case ir.Within(ir.Field(path=path)) | ir.Compare(left=ir.Field(path=path)) if (
                path == _WHEN.get(items.name) and not when
            ):
                verb, words = said_of_values(part, inside)
                when = inside.say(verb.yes, *words, be="", be_not="not").strip()
            case _ if part != ir.TRUE:
                rest.append(phrase(part, inside))
    if when:
        name = nouns.say(_THOSE, name, when)
    both = " and " if nouns.language == "en" else "且"
    return nouns.say(_WHERE, name, both.join(rest)) if rest else name


def _quantified(node: ir.Quantified, explained: Explained, nouns: Nouns) -> str:
    (reading,) = explained.readings
    if node.quantifier == "every":
        name = nouns.list_name(node.items)
        if not reading.among:
            return nouns.say(_NONE_THERE, name)
        where = phrase(node.where, nouns.inside(node.items))
        return nouns.say(_MATCHING, str(reading.value), str(reading.among), name, where)
    told = _counted(node.items, node.where, reading.value, nouns)
    if node.quantifier == "none" and explained.truth:
        return told
    verb, bound = (_COMPARED["=="], "0") if node.quantifier == "none" else (_COMPARED[">="], "1")
    return nouns.say(_ASKED, told, nouns.say(verb.yes if explained.truth else verb.no, bound))


def _set(node: ir.Has, explained: Explained, nouns: Nouns) -> str:
    told = nouns.say(_ARE, nouns.value(node.set), _value(explained, nouns))
    wanted = nouns.listing(map(nouns.literal, node.wanted))
    if len(node.wanted) > 1:
        wanted = nouns.say(_ALL_OF if node.every else _ANY_OF, wanted)
    return nouns.say(_WITH if explained.truth else _WITHOUT, told, wanted)


def _several(explained: Explained, nouns: Nouns) -> str:
    """A condition on a computed value: what it says, and each value that went into it."""
    said = phrase(explained.node if explained.truth else ir.Not(explained.node), nouns)
    read = dict.fromkeys(
        _is(nouns.value(one.node), nouns.literal(one.value), nouns) for one in explained.readings
    )
    values = ("; " if nouns.language == "en" else "；").join(read)
    if not values:
        return said
    return f"{said} ({values})" if nouns.language == "en" else f"{said}（{values}）"


def _amount(reason: Reason, nouns: Nouns) -> str:
    currency, size = reason.read
    asked, limit = currency.node, size.node
    assert isinstance(asked, ir.Compare)
    assert isinstance(limit, ir.Compare)
    assert isinstance(asked.right, ir.Literal)
    assert isinstance(limit.right, ir.Literal)
    value = money(size.readings[0].value, currency.readings[0].value, nouns)
    bound = nouns.money(limit.right.value, asked.right.value)
    told = _is(nouns.value(limit.left), value, nouns)
    if reason.truth and limit.operator == "==":
        return told
    verb = _COMPARED[limit.operator]
    return nouns.say(_ASKED, told, nouns.say(verb.yes if reason.truth else verb.no, bound))
