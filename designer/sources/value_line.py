"""One line of a mapping: what is filled, from which place or constant, and how it is converted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from nicegui import ui

from designer.i18n import Translator
from designer.sources.terms import CONVERTS
from designer.widgets import Words, block, icon, words
from engine.services.sources import MONEY, Value

_LONGEST: Final = 1_000


def icon_button(symbol: str, name: str, click: Callable[[], object]) -> ui.element:
    button = block("cz-icon-button", tag="button")
    button.props["type"] = "button"
    button.props["aria-label"] = name
    button.on("click", click, args=[])
    with button:
        icon(symbol, "19px")
    return button


def written(value: Value | None) -> str:
    """As a person writes it: a place, or a constant after an equals sign."""
    if value is None:
        return ""
    return value.path if value.path is not None else f"={value.constant}"


class ValueLine:
    """`target` is a fixed name, or None where it is chosen (`choices`) or written."""

    def __init__(
        self,
        t: Translator,
        key: str,
        value: Value | None,
        *,
        label: str | None = None,
        choices: Mapping[str, str] | None = None,
        remove: Callable[[ValueLine], None] | None = None,
        hint: str = "",
    ) -> None:
        self._key = key
        self._name: Any = None
        with block("cz-src__line") as self.element:
            if label is not None:
                words(label, "cz-src__name")
            elif choices is not None:
                known = dict(choices) | ({key: key} if key and key not in choices else {})
                self._name = ui.select(known, value=key or None, with_input=True)
                self._dress(self._name, t("Field"))
            else:
                self._name = ui.input(value=key)
                self._dress(self._name, t("Short name"), "plan")
            self._place = ui.input(value=written(value))
            self._dress(self._place, t("Place or constant"), hint or "data.customer.email")
            self._place.mark(f"place-{key or 'new'}")
            self._convert = ui.select(
                {name: t(said) for name, said in CONVERTS.items()},
                value=value.convert if value else "as_is",
            )
            self._dress(self._convert, t("Conversion"))
            self._convert.on_value_change(self._show_detail)
            if remove is not None:
                icon_button("close", t("Remove"), lambda: remove(self))
            self._detail = ui.input(value=value.detail if value else "").classes("cz-src__wide")
            self._dress(self._detail, t("Currency, or the place that says it"), "EUR")
            self._problem: Words = words("", "cz-bad cz-small").props("role=alert")
        self._show_detail()

    @property
    def key(self) -> str:
        return self._key if self._name is None else str(self._name.value or "").strip()

    @property
    def empty(self) -> bool:
        return not str(self._place.value or "").strip()

    def as_json(self) -> dict[str, Any]:
        """What was written; a constant that is a number or a yes is one."""
        text = str(self._place.value or "").strip()[:_LONGEST]
        said: dict[str, Any] = (
            {"constant": text[1:].strip()} if text.startswith("=") else {"path": text}
        )
        convert = str(self._convert.value or "as_is")
        if convert != "as_is":
            said["as"] = convert
        detail = str(self._detail.value or "").strip()[:200]
        if detail and convert in MONEY:
            said["detail"] = detail
        return said

    def tell(self, messages: Sequence[str]) -> None:
        self._problem.set_text(" ".join(messages))

    def _show_detail(self) -> None:
        self._detail.set_visibility(self._convert.value in MONEY)

    def _dress(self, field: Any, label: str, placeholder: str = "") -> None:
        field.props("outlined dense").classes("cz-field")
        field.props["aria-label"] = label
        field.props["maxlength"] = _LONGEST
        if placeholder:
            field.props["placeholder"] = placeholder
