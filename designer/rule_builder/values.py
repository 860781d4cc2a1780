"""What stands behind a condition's operator, drawn by the type of what is compared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from babel.numbers import get_currency_precision

from designer.i18n import N_, Translator
from designer.rule_builder import times
from designer.rule_builder.bench import Bench
from designer.rule_builder.inputs import (
    Tell,
    as_number,
    choice,
    named,
    number_input,
    several,
    text_input,
)
from designer.rule_builder.wordings import fact_word, value_word
from designer.widgets import block, icon, words
from engine.rules import Type
from engine.rules.building.choices import Place, fact_at, type_of
from engine.rules.building.shapes import SHAPES, is_fact, is_moment, is_money
from engine.rules.building.tree import Comparison, Fact

_DAY: Final = (Type.DATE, Type.DATETIME)
_COMMON_CURRENCIES: Final = (
    *("EUR", "USD", "GBP", "CNY", "JPY", "SGD", "HKD", "MYR", "CHF", "AUD", "CAD", "INR"),
)
_AGAINST_FACTS: Final = ("==", "!=", "<", "<=", ">", ">=", "before", "after", "on")
# How a value of an event's property is to be read.
_READINGS: Final = {"text": N_("text"), "number": N_("number"), "date": N_("date")}


@dataclass(frozen=True, slots=True)
class Arguments:
    """`tell` gets all arguments anew and whether the condition must be drawn again; `pick` lets
    somebody choose another fact.
    """

    bench: Bench
    node: Comparison
    place: Place
    tell: Callable[[tuple[Any, ...], bool], None]
    pick: Callable[[int], Awaitable[None]]

    @property
    def t(self) -> Translator:
        return self.bench.visitor.t

    @property
    def type(self) -> Type | None:
        return type_of(self.node.left, self.place, self.bench.catalogue)

    @property
    def choices(self) -> tuple[str, ...]:
        left = self.node.left
        if not isinstance(left, Fact):
            return ()
        fact = fact_at(left.path, self.place, self.bench.catalogue)
        return fact.values if fact is not None else ()

    @property
    def path(self) -> str | None:
        return self.node.left.path if isinstance(self.node.left, Fact) else None

    def draw(self) -> None:
        shapes, given = SHAPES.get(self.node.operator, ()), self.node.arguments
        if shapes[:1] == ("count",):
            times.length(given[0], given[1], shapes[1], lambda two: self.tell(two, False), self.t)
            return
        for at, shape in enumerate(shapes):
            if at and shape == "value":
                words(self.t("and"), "rb-word")
            self._one(at, shape, given[at] if at < len(given) else None)

    def _one(self, at: int, shape: str, value: Any) -> None:
        tell = self._telling(at)
        match shape:
            case "value":
                self._value(at, value, tell)
            case "values":
                self._several(value or (), tell)
            case "texts":
                self._tags(value or (), tell)
            case "text" if self.type is Type.SET:
                offered = self.choices or self._known_tags()
                named(value, offered, tell, self.t("Tag"), placeholder=self.t("Choose or type"))
            case "text":
                text_input(value, tell, self.t("Text"), placeholder=self.t("text"))
            case "window":
                again = self._telling(at, redraw=True)
                times.window(value, times.PAST_WINDOWS, when_told(value, tell, again), self.t)

    def _telling(self, at: int, *, redraw: bool = False) -> Tell:
        def tell(value: Any) -> None:
            given = list(self.node.arguments)
            given[at] = value
            # what was typed meanwhile in the other fields of the condition is in the tree
            self.tell(_only(at, given), redraw)

        return tell

    def _value(self, at: int, value: Any, tell: Tell) -> None:
        kind = self.type
        if is_fact(value):
            self._other_fact(at, value)
        elif kind in _DAY:
            again = self._telling(at, redraw=True)
            times.day(value, when_told(value, tell, again), self.t)
        elif is_moment(value):
            times.moment(value, tell, self.t)
        elif kind is Type.MONEY:
            self._money(value, tell)
        elif kind is Type.NUMBER:
            number_input(value, tell, self.t("Number"))
        elif kind is Type.BOOLEAN:
            yes_no = {True: self.t("yes"), False: self.t("no")}
            choice(value, yes_no, tell, self.t("Value"))
        elif self.choices:
            choice(value, self._closed(), tell, self.t("Value")).mark("rule-value")
        elif kind is Type.PROPERTY:
            self._property(value, tell, self._telling(at, redraw=True))
        elif kind is Type.SET:
            named(value, self.choices or self._known_tags(), tell, self.t("Tag"))
        else:
            text_input(value, tell, self.t("Value"), placeholder=self.t("text"))
        if self.node.operator in _AGAINST_FACTS and not is_fact(value):
            self._fact_button(at)

    def _closed(self) -> dict[str, str]:
        return {one: value_word(self.path, one, self.t) for one in self.choices}

    def _known_tags(self) -> tuple[str, ...]:
        return self.bench.suggestions.tags if self.path == "contact.tags" else ()

    def _several(self, values: tuple[Any, ...], tell: Tell) -> None:
        label, hint = self.t("Values"), self.t("Type and press Enter")
        if self.choices:
            several(values, self._closed(), tell, label, closed=True)
            return
        numbers = self.type is Type.NUMBER or (
            bool(values) and all(isinstance(one, int | float) for one in values)
        )

        def told(found: tuple[Any, ...]) -> None:
            tell(tuple(_number(one) for one in found) if numbers else found)

        several(values, (), told, label, placeholder=hint)

    def _tags(self, values: tuple[Any, ...], tell: Tell) -> None:
        hint = self.t("Type and press Enter")
        offered = self.choices or self._known_tags()
        several(values, offered, tell, self.t("Tags"), placeholder=hint)

    def _property(self, value: Any, tell: Tell, again: Tell) -> None:
        """A property takes its type from what it is compared with, so one says which is meant."""
        reading = "text"
        if isinstance(value, bool):
            words(self.t("yes") if value else self.t("no"), "rb-word")
            return
        if isinstance(value, int | float):
            reading = "number"
        kinds = {key: self.t(name) for key, name in _READINGS.items() if key != "date"}

        def read(chosen: str) -> None:
            if chosen == "number":
                again(_number(str(value)) if _is_numeric(value) else 0)
            else:
                again("" if value is None else str(value))

        choice(reading, kinds, read, self.t("Read as")).classes("is-short")
        if reading == "number":
            number_input(value, tell, self.t("Number"))
        else:
            text_input(value, tell, self.t("Value"), placeholder=self.t("text"))

    def _money(self, value: Any, tell: Tell) -> None:
        minor, currency = value["money"] if is_money(value) else (None, self.bench.currency)
        now: dict[str, Any] = {"amount": _major(minor, currency), "currency": currency}

        def put(key: str, one: Any) -> None:
            now[key] = one
            tell(money_of(now["amount"], now["currency"]))

        number_input(now["amount"], lambda one: put("amount", one), self.t("Amount"))
        currencies = {one: one for one in _COMMON_CURRENCIES}
        choice(currency, currencies, lambda one: put("currency", one), self.t("Currency")).classes(
            "is-short"
        )

    def _other_fact(self, at: int, value: dict[str, str]) -> None:
        name = fact_word(value["var"], self.place, self.bench.catalogue, self.t)
        with block("rb-fact", tag="button").mark("other-fact") as button:
            button.props["type"] = "button"
            button.on("click", lambda: self.pick(at), args=[])
            icon("link", "16px")
            words(name, "cz-clip")
        with block("rb-tool", tag="button") as back:
            back.props["type"] = "button"
            back.props["aria-label"] = back.props["title"] = self.t("A written value instead")
            back.on("click", lambda: self._telling(at, redraw=True)(None), args=[])
            icon("edit", "16px")

    def _fact_button(self, at: int) -> None:
        with block("rb-tool", tag="button").mark("against-fact") as button:
            button.props["type"] = "button"
            label = self.t("Compare with another fact")
            button.props["aria-label"] = button.props["title"] = label
            button.on("click", lambda: self.pick(at), args=[])
            icon("link", "16px")


class Only:
    """One argument of several was changed: the others stay as they are by then."""

    __slots__ = ("at", "value")

    def __init__(self, at: int, value: Any) -> None:
        self.at, self.value = at, value


def _only(at: int, given: list[Any]) -> tuple[Any, ...]:
    return (Only(at, given[at]),)


def merged(old: tuple[Any, ...], told: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments after what was told."""
    if len(told) == 1 and isinstance(told[0], Only):
        one = told[0]
        return (*old[: one.at], one.value, *old[one.at + 1 :])
    return told


def when_told(value: Any, tell: Tell, again: Tell) -> Tell:
    """Another kind of time needs other fields; another count does not."""

    def told(found: Any) -> None:
        same = _form(found) == _form(value)
        (tell if same else again)(found)

    return told


def _form(value: Any) -> str:
    match value:
        case dict():
            return "moment"
        case (str(name), *rest):
            return f"{name} {' '.join(map(_form, rest))}"
        case _:
            return "day"


def _is_numeric(value: Any) -> bool:
    return isinstance(_number(value), int | float)


def _number(value: Any) -> Any:
    try:
        return as_number(float(value))
    except (TypeError, ValueError):
        return value


def _major(minor: int | None, currency: str) -> float | None:
    if minor is None:
        return None
    return as_number(minor / 10 ** int(get_currency_precision(currency)))


def money_of(amount: float | None, currency: str) -> dict[str, Any] | None:
    """An amount as a rule writes it, in the smallest unit."""
    if amount is None or not currency:
        return None
    digits = int(get_currency_precision(currency))
    return {"money": [round(amount * 10**digits), currency]}
