"""Fields of a deal to be filled in: drawn by name, read into what services take."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from babel import Locale
from babel.numbers import get_currency_precision
from nicegui import ui

from designer.asking import plain_button
from designer.contact_picker import pick_contact
from designer.runtime import Designer
from designer.sales.account_picker import pick_account
from designer.sales.choices import Choices
from designer.sales.words import CATEGORIES, FIELDS, in_language, problem_words
from designer.visitor import Visitor
from designer.widgets import Words, block, words
from engine.errors import Problem
from engine.rules.types import Type
from engine.services.custom_fields import DefinedField
from engine.services.field_values import ValueRefused, minor_units

CUSTOM: Final = "custom."
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Values:
    """What a deal has. `amount` is (minor units, currency); `contact` and `account` are an id and
    its words."""

    plain: Mapping[str, Any] = field(default_factory=dict)
    amount: tuple[int, str] | None = None
    contact: tuple[int, str] | None = None
    account: tuple[int, str] | None = None
    custom: Mapping[str, Any] = field(default_factory=dict)


# Gives the value to write; raises ValueRefused.
Read = Callable[[], Any]


class DealFields:
    """`names` are those that services know ("amount", "owner_id", "custom.tier"); what is locked is
    shown and cannot be changed. Problems are told below their field."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        choices: Choices,
        names: Sequence[str],
        values: Values,
        *,
        locked: Collection[str] = (),
        lost_reasons: Sequence[str] = (),
    ) -> None:
        self._designer, self._visitor, self._choices = designer, visitor, choices
        self._values, self._lost_reasons = values, lost_reasons
        self._reads: dict[str, Read] = {}
        self._told: dict[str, Words] = {}
        with block("sl-fields"):
            for name in names:
                self._one(name, locked=name in locked)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._reads)

    def read(self) -> tuple[dict[str, Any], list[Problem]]:
        """What is in the fields, for a service: the amount as it is written there, custom fields
        together under "custom"."""
        found: dict[str, Any] = {}
        custom: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, read in self._reads.items():
            try:
                value = read()
            except ValueRefused as refused:
                problems.append(Problem(f"/fields/{name}", refused.code, refused.message))
                continue
            if name.startswith(CUSTOM):
                custom[name.removeprefix(CUSTOM)] = value
            else:
                found[name] = value
        if custom:
            found["custom"] = custom
        return found, problems

    def show(self, problems: Sequence[Problem]) -> list[Problem]:
        """Tell each at its field; what has no field here is given back."""
        for told in self._told.values():
            told.set_text("")
        elsewhere: list[Problem] = []
        for problem in problems:
            told = self._told.get(field_of(problem))  # type: ignore[assignment]
            if told is None:
                elsewhere.append(problem)
                continue
            told.set_text(problem_words(problem, self._visitor.t))
        return elsewhere

    def _one(self, name: str, *, locked: bool) -> None:
        with block("sl-field") as place:
            place.mark(f"deal-field-{name}")
            title = self.title(name)
            words(title, "sl-field__name", tag="span").props("aria-hidden=true")
            draw = self._drawer(name)
            read = draw(name, title, locked)
            self._told[name] = words("", "sl-field__problem", tag="p")
            self._told[name].props["role"] = "alert"
        if not locked:
            self._reads[name] = read

    def title(self, name: str) -> str:
        t = self._visitor.t
        if name.startswith(CUSTOM):
            found = self._choices.custom.get(name.removeprefix(CUSTOM))
            return in_language(found.label, found.label_zh, t) if found else name
        return t(FIELDS[name]) if name in FIELDS else name

    def _drawer(self, name: str) -> Callable[[str, str, bool], Read]:
        if name.startswith(CUSTOM):
            return self._custom
        known: dict[str, Callable[[str, str, bool], Read]] = {
            "amount": self._amount,
            "expected_close_on": self._day,
            "owner_id": self._owner,
            "product_id": self._product,
            "contact_id": self._contact,
            "account_id": self._account,
            "forecast_category": self._category,
            "lost_reason": self._lost,
        }
        return known.get(name, self._text)

    def _given(self, name: str) -> Any:
        if name.startswith(CUSTOM):
            return self._values.custom.get(name.removeprefix(CUSTOM))
        return self._values.plain.get(name)

    def _text(self, name: str, title: str, locked: bool) -> Read:
        box = _dressed(ui.input(value=_said(self._given(name))), title, locked)
        box.props(f"maxlength={_LONGEST}").mark(name)
        return lambda: (box.value or "").strip() or None

    def _lost(self, name: str, title: str, locked: bool) -> Read:
        box = _dressed(ui.input(value=_said(self._given(name))), title, locked)
        box.props(f"maxlength={_LONGEST}").mark(name)
        if self._lost_reasons and not locked:
            with block("sl-row"):
                for reason in self._lost_reasons:
                    press = words(reason, "cz-chip sl-reason", tag="button")
                    press.props["type"] = "button"
                    press.on("click", lambda reason=reason: box.set_value(reason), args=[])
        return lambda: (box.value or "").strip() or None

    def _day(self, name: str, title: str, locked: bool) -> Read:
        given = self._given(name)
        text = given.isoformat() if isinstance(given, date) else _said(given)
        box = _dressed(ui.input(value=text), title, locked).props("type=date").mark(name)
        return lambda: (box.value or "").strip() or None

    def _amount(self, name: str, title: str, locked: bool) -> Read:
        minor, currency = self._values.amount or (None, self._choices.base_currency)
        codes = _currencies(self._choices.base_currency, currency)
        with block("sl-row sl-money"):
            box = _dressed(ui.input(value=_major(minor, currency)), title, locked)
            box.props("inputmode=decimal maxlength=30").mark(name)
            code = ui.select(codes, value=currency, with_input=True)
            _dressed(code, self._visitor.t("Currency"), locked).mark("currency")

        def read() -> Mapping[str, Any] | None:
            text = (box.value or "").replace(",", "").replace("，", "").replace(" ", "")
            if not text:
                return None
            chosen = str(code.value or self._choices.base_currency)
            return {"minor": minor_units(text, chosen), "currency": chosen}

        return read

    def _select(
        self, options: Mapping[Any, str], value: Any, title: str, locked: bool, mark: str
    ) -> Read:
        known = value if value in options else None
        box = ui.select(dict(options), value=known, with_input=len(options) > 8, clearable=True)
        _dressed(box, title, locked).mark(mark)
        return lambda: box.value

    def _owner(self, name: str, title: str, locked: bool) -> Read:
        held_by = self._given(name)
        return self._select(self._choices.owners(held_by), held_by, title, locked, name)

    def _product(self, name: str, title: str, locked: bool) -> Read:
        return self._select(self._choices.products, self._given(name), title, locked, name)

    def _category(self, name: str, title: str, locked: bool) -> Read:
        t = self._visitor.t
        options = {key: t(said) for key, said in CATEGORIES.items()}
        box = ui.select(options, value=self._given(name) or "pipeline")
        _dressed(box, title, locked).mark(name)
        return lambda: box.value

    def _contact(self, name: str, title: str, locked: bool) -> Read:
        async def choose() -> tuple[int, str] | None:
            found = await pick_contact(self._designer, self._visitor, title)
            return None if found is None else (found, self._visitor.t("Contact {id}", id=found))

        return self._picked(self._values.contact, choose, title, locked, name)

    def _account(self, name: str, title: str, locked: bool) -> Read:
        async def choose() -> tuple[int, str] | None:
            found = await pick_account(self._designer, self._visitor)
            return None if found is None else (found.id, found.name)

        return self._picked(self._values.account, choose, title, locked, name)

    def _picked(
        self,
        value: tuple[int, str] | None,
        choose: Callable[[], Any],
        title: str,
        locked: bool,
        mark: str,
    ) -> Read:
        t, held = self._visitor.t, [value]
        with block("sl-row sl-picked"):
            said = words(value[1] if value else t("None yet"), "cz-grow cz-clip")
            if not locked:

                async def pick() -> None:
                    found = await choose()
                    if found is not None:
                        take(found)

                def take(found: tuple[int, str] | None) -> None:
                    held[0] = found
                    said.set_text(found[1] if found else t("None yet"))

                button = plain_button(t("Choose"), pick).mark(f"choose-{mark}")
                button.props["aria-label"] = f"{title}: {t('Choose')}"
                clear = plain_button(t("Empty it"), lambda: take(None)).classes("is-quiet")
                clear.props["aria-label"] = f"{title}: {t('Empty it')}"
        return lambda: held[0][0] if held[0] else None

    def _custom(self, name: str, title: str, locked: bool) -> Read:
        known = self._choices.custom.get(name.removeprefix(CUSTOM))
        if known is None:
            return self._text(name, title, locked)
        match known.type:
            case Type.BOOLEAN:
                t = self._visitor.t
                yes_no = {True: t("Yes"), False: t("No")}
                return self._select(yes_no, self._given(name), title, locked, name)
            case Type.DATE:
                return self._day(name, title, locked)
            case Type.SET:
                return self._several(name, known, title, locked)
            case Type.TEXT if known.values:
                options = {one: one for one in known.values}
                return self._select(options, self._given(name), title, locked, name)
            case _:
                return self._text(name, title, locked)

    def _several(self, name: str, known: DefinedField, title: str, locked: bool) -> Read:
        given = [str(one) for one in self._given(name) or ()]
        options = list(dict.fromkeys([*known.values, *given]))
        box = ui.select(
            options,
            value=given,
            multiple=True,
            with_input=True,
            new_value_mode=None if known.values else "add-unique",
        )
        _dressed(box, title, locked).props("use-chips").mark(name)
        return lambda: list(box.value or []) or None


def field_of(problem: Problem) -> str:
    """The field that a problem is about, by the name under which it is drawn; "" for none."""
    if problem.place == "/lost_reason":
        return "lost_reason"
    parts = problem.place.removeprefix("/").split("/")
    if parts[0] != "fields" or len(parts) < 2:
        return ""
    if parts[1] == "custom" and len(parts) > 2:
        return f"{CUSTOM}{parts[2]}"
    return "amount" if parts[1] == "currency" else parts[1]


def _dressed(box: Any, title: str, locked: bool) -> Any:
    box.props("outlined dense").classes("cz-field sl-box")
    box.props["aria-label"] = title
    if locked:
        box.props["readonly"] = True
    return box


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _major(minor: int | None, currency: str) -> str:
    if minor is None:
        return ""
    digits = get_currency_precision(currency)
    return f"{minor / 10**digits:,.{digits}f}" if digits else f"{minor:,}"


def _currencies(base: str, present: str) -> list[str]:
    """The ones in use here first."""
    codes = sorted(map(str, Locale("en").currencies))
    usual = ["USD", "EUR", "CNY", "GBP", "JPY", "HKD", "SGD"]
    return list(dict.fromkeys([present, base, *usual, *codes]))
