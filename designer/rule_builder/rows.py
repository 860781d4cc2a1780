"""One condition of the tree, drawn: what is asked, how, and compared with what."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.rule_builder import times
from designer.rule_builder.drawing import Drawing
from designer.rule_builder.inputs import choice, named, number_input
from designer.rule_builder.values import Arguments, merged, when_told
from designer.rule_builder.wordings import (
    QUANTIFIERS,
    list_word,
    operand_words,
    operator_word,
)
from designer.widgets import block, icon, words
from engine.rules.building.choices import asked_otherwise, operators_for
from engine.rules.building.moves import changed, find
from engine.rules.building.reading import read_node
from engine.rules.building.tree import (
    Comparison,
    EventTime,
    Happened,
    Membership,
    Node,
    Quiet,
    Records,
    Total,
    Written,
)

_SIGNS: Final = (">=", ">", "==", "<=", "<", "!=")
_LONGEST_JSON: Final = 50_000


def condition(drawing: Drawing, node: Node) -> None:
    """The middle of a row, without its handle and tools."""
    match node:
        case Comparison():
            _comparison(drawing, node)
        case Happened():
            _happened(drawing, node)
        case Quiet():
            _quiet(drawing, node)
        case Records():
            _records(drawing, node)
        case Membership():
            _membership(drawing, node)
        case Written():
            _json(drawing, node)


def _put(drawing: Drawing, node_id: int, change: Callable[[Any], Node], *, redraw: bool) -> None:
    bench = drawing.bench
    bench.put(changed(bench.root, node_id, change), redraw=redraw)


def _setter(
    drawing: Drawing, node_id: int, name: str, *, redraw: bool = False
) -> Callable[[Any], None]:
    def tell(value: Any) -> None:
        _put(drawing, node_id, lambda node: replace(node, **{name: value}), redraw=redraw)

    return tell


def _comparison(drawing: Drawing, node: Comparison) -> None:
    bench, t = drawing.bench, drawing.t
    place = bench.place_of(node.id)
    name, hint = operand_words(node.left, place, bench.catalogue, t)
    _about_button(drawing, node, name, hint)
    _operand(drawing, node)
    offered = operators_for(node.left, place, bench.catalogue)
    options = {one: operator_word(one, t) for one in (*offered, node.operator)}

    def operator(chosen: str) -> None:
        _put(
            drawing,
            node.id,
            lambda here: asked_otherwise(here, chosen),
            redraw=True,
        )

    choice(node.operator, options, operator, t("How")).classes("is-operator").mark("operator")

    def told(arguments: tuple[Any, ...], redraw: bool) -> None:
        def change(here: Any) -> Any:
            return replace(here, arguments=merged(here.arguments, arguments))

        _put(drawing, node.id, change, redraw=redraw)

    async def pick(at: int) -> None:
        await drawing.pick_other_fact(node.id, at)

    Arguments(bench, node, place, told, pick).draw()


def _about_button(drawing: Drawing, node: Node, name: str, hint: str) -> None:
    async def again() -> None:
        await drawing.pick_about(node.id)

    with block("rb-about", tag="button").mark("about") as button:
        button.props["type"] = "button"
        button.props["title"] = drawing.t("Ask about something else")
        button.on("click", again, args=[])
        words(name, "rb-about__name cz-clip")
        if hint:
            words(hint, "rb-about__hint cz-clip")
        icon("expand_more", "16px")


def _operand(drawing: Drawing, node: Comparison) -> None:
    """What a total is taken of, and which event is meant."""
    t, left = drawing.t, node.left

    def put(**parts: Any) -> None:
        def change(here: Any) -> Any:
            return replace(here, left=replace(here.left, **parts))

        _put(drawing, node.id, change, redraw=False)

    match left:
        case EventTime(event=event):
            offered = drawing.bench.suggestions.events
            named(event, offered, lambda one: put(event=one), t("Event"), placeholder=t("Event"))
        case Total(function=function, of=of) if of is not None:
            if function == "money_sum":
                currencies = {one: one for one in (drawing.bench.currency, left.currency) if one}
                choice(left.currency, currencies, lambda one: put(currency=one), t("Currency"))


def _happened(drawing: Drawing, node: Happened) -> None:
    t = drawing.t
    did = {"done": t("did"), "not_done": t("did not do")}
    tell_how = _setter(drawing, node.id, "how", redraw=True)
    choice(node.how, did, tell_how, t("Did or did not")).classes("is-short")
    named(
        node.event,
        drawing.bench.suggestions.events,
        _setter(drawing, node.id, "event"),
        t("Event"),
        placeholder=t("Which event"),
    )
    if node.how == "done":
        signs = {one: operator_word(one, t) for one in _SIGNS}
        choice(node.sign, signs, _setter(drawing, node.id, "sign"), t("How often")).classes(
            "is-short"
        )
        tell = _setter(drawing, node.id, "times")
        number_input(node.times, tell, t("Times"), whole=True, least=0)
        words(t("times"), "rb-word")
    quiet = _setter(drawing, node.id, "window")
    loud = _setter(drawing, node.id, "window", redraw=True)
    told = when_told(node.window, quiet, loud)
    times.window(node.window, times.EVENT_WINDOWS, told, t)


def _quiet(drawing: Drawing, node: Quiet) -> None:
    t = drawing.t
    words(t("did not do"), "rb-word")
    named(
        node.event,
        drawing.bench.suggestions.events,
        _setter(drawing, node.id, "event"),
        t("Event"),
        placeholder=t("Which event"),
    )
    words(t("for"), "rb-word")

    def put(two: tuple[Any, Any]) -> None:
        def change(here: Any) -> Any:
            return replace(here, times=two[0], unit=two[1])

        _put(drawing, node.id, change, redraw=False)

    times.length(node.times, node.unit, "unit", put, t)
    words(t("and was known before"), "rb-word")


def _records(drawing: Drawing, node: Records) -> None:
    t = drawing.t
    words(t("Has"), "rb-word")
    kinds = {key: t(name) for key, name in QUANTIFIERS.items()}
    tell = _setter(drawing, node.id, "quantifier")
    choice(node.quantifier, kinds, tell, t("How many")).classes("is-short")
    _about_button(drawing, node, list_word(node.list, t), "")
    words(t("where") if node.where.parts else t("of any kind"), "rb-word")


def _membership(drawing: Drawing, node: Membership) -> None:
    t = drawing.t
    words(t("Is in the segment"), "rb-word")
    known = {
        name: (label_zh if t.short == "zh" and label_zh else label)
        for name, label, label_zh in drawing.bench.suggestions.segments
    }
    for name in drawing.bench.catalogue.segments:
        known.setdefault(name, name)
    choice(node.segment, known, _setter(drawing, node.id, "segment"), t("Segment")).mark("segment")


def _json(drawing: Drawing, node: Written) -> None:
    """What the builder cannot draw: said in words where it can be read, and changed as JSON."""
    t, bench = drawing.t, drawing.bench
    with block("rb-json"):
        said = drawing.said_alone(node)
        if said:
            words(said, "rb-json__words", tag="p")
        text = json.dumps(node.document, ensure_ascii=False, indent=1)
        area = ui.textarea(value=text).classes("cz-field rb-json__text").mark("json-leaf")
        area.props(f"outlined dense autogrow debounce=600 maxlength={_LONGEST_JSON}")
        area.props["aria-label"] = t("The condition as JSON")
        mistake = words("", "cz-bad cz-small").props("role=status")

    def typed(event: ValueChangeEventArguments[str | None]) -> None:
        found = written_json(event.value or "")
        mistake.set_text("" if found is not None else t("This is no JSON object yet."))
        current = find(bench.root, node.id)
        if found is None or not isinstance(current, Written) or found == current.document:
            return
        drawn = read_node(found)
        if isinstance(drawn, Written):
            bench.put(changed(bench.root, node.id, lambda _: Written(found, node.id)), redraw=False)
        else:
            bench.put(changed(bench.root, node.id, lambda _: drawn))

    area.on_value_change(typed)


def written_json(text: str) -> Any:
    """A condition somebody typed, or None when it is none or too large."""
    if len(text) > _LONGEST_JSON:
        return None
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) and found else None
