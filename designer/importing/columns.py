"""The second step: which column is which field, and how the file is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.importing.draft import DELIMITERS, ENCODINGS, FORMATS
from designer.importing.words import field_words
from designer.widgets import block, card, words
from engine.services.actor import may
from engine.services.imports.kinds import KINDS
from engine.services.imports.kinds.base import Reads

if TYPE_CHECKING:
    from designer.importing.wizard import Wizard

LEFT_OUT: Final = ""
CURRENCIES: Final = ("EUR", "USD", "GBP", "CNY", "SGD", "JPY", "CHF", "HKD")


class ColumnsStep:
    def __init__(self, wizard: Wizard) -> None:
        self._wizard, self._draft = wizard, wizard.draft
        self._t = wizard.visitor.t
        self._selects: dict[str, Any] = {}

    def build(self) -> None:
        t, draft = self._t, self._draft
        assert draft.seen is not None
        with block("cz-card is-padded cz-row"):
            words(draft.name, "cz-strong cz-clip")
            words(draft.seen.format, "cz-soft cz-small cz-grow")
            if draft.is_text:
                self._written()
        with card(t("What the columns are")):
            with block("cz-mapping", tag="table").props("role=table") as table:
                table.props["aria-label"] = t("What the columns are")
                self._head()
                with block("", tag="tbody"):
                    for place, column in enumerate(draft.seen.header):
                        if column:
                            self._line(place, column)
            self._keys = words("", "cz-soft cz-small cz-pad", tag="p").props("role=status")
        self._options = block("cz-stack")
        self._draw_options()
        with block("cz-row"):
            plain_button(t("Another file"), self._wizard.choose, symbol="arrow_back")
            go = plain_button(t("See what would become of it"), self._wizard.preview, main=True)
            go.mark("import-preview")

    def _written(self) -> None:
        t, draft = self._t, self._draft
        names = {",": t("comma"), ";": t("semicolon"), "\t": t("tab"), "|": "|"}
        written = ui.select(
            {None: t("Found by itself"), **{one: one for one in ENCODINGS}},
            value=draft.encoding,
            label=t("Letters"),
        )
        apart = ui.select(
            {None: t("Found by itself"), **{one: names[one] for one in DELIMITERS}},
            value=draft.delimiter,
            label=t("Columns set apart by"),
        )

        async def changed() -> None:
            draft.encoding, draft.delimiter = written.value, apart.value
            await self._wizard.look()

        for one, mark in ((written, "import-encoding"), (apart, "import-delimiter")):
            one.props("outlined dense options-dense").classes("cz-field cz-narrowfield")
            one.mark(mark).on_value_change(changed)

    def _head(self) -> None:
        t = self._t
        with block("", tag="thead"), block("", tag="tr"):
            for name in (t("Column"), t("In the first lines"), t("Is the field")):
                words(name, tag="th").props("scope=col")

    def _line(self, place: int, column: str) -> None:
        draft, t = self._draft, self._t
        assert draft.seen is not None
        with block("", tag="tr"):
            words(column, "cz-strong", tag="td")
            samples = draft.seen.values_of(place)
            words(" · ".join(samples[:3]), "cz-soft cz-small cz-mapping__sample", tag="td")
            with block("", tag="td"):
                names = [*draft.fields, *(f"custom.{key}" for key in self._wizard.custom)]
                options = {LEFT_OUT: t("leave out")}
                options |= {one: field_words(one, self._wizard.custom, t) for one in names}
                field = ui.select(options, value=draft.columns.get(column, LEFT_OUT))
                field.props("outlined dense options-dense").classes("cz-field full-width")
                field.props["aria-label"] = t("The field of the column {column}", column=column)
                field.mark("import-column")
                field.on_value_change(lambda: self._chosen(column, field.value))
                self._selects[column] = field

    def _chosen(self, column: str, name: str) -> None:
        if name == LEFT_OUT:
            self._draft.columns.pop(column, None)
        else:
            # no field is filled from two columns: the one that was said last counts
            for other, taken in list(self._draft.columns.items()):
                if taken == name and other != column:
                    self._selects[other].set_value(LEFT_OUT)
            self._draft.columns[column] = name
        self._draw_options()

    def _draw_options(self) -> None:
        t, draft = self._t, self._draft
        kind = KINDS[draft.kind]
        keys = [name for name in kind.match_by if name in draft.columns.values()]
        if keys:
            said = ", ".join(field_words(one, self._wizard.custom, t) for one in keys)
            self._keys.set_text(t("A record that is there already is found by: {keys}", keys=said))
        else:
            wanted = t(" or ").join(field_words(one, {}, t) for one in kind.match_by)
            self._keys.set_text(
                t("One column must be {keys}: by it a record is found.", keys=wanted)
            )
        self._options.clear()
        with self._options, card(t("How to take them")), block("cz-pad cz-stack"):
            with block("cz-row"):
                self._how_to_read()
            if draft.kind == "contacts":
                self._for_contacts()
            if may(self._wizard.visitor.somebody, "import", "contact"):
                fire = ui.checkbox(t("Flows may start by what is new or changes"), value=draft.fire)
                fire.mark("import-fire").on_value_change(
                    lambda: setattr(draft, "fire", bool(fire.value))
                )

    def _how_to_read(self) -> None:
        t, draft = self._t, self._draft
        if draft.reads(Reads.DATE, Reads.INSTANT):
            shown = {"%d": "31", "%m": "12", "%Y": "2026"}
            options: dict[Any, str] = {None: "2026-12-31"}
            for one in FORMATS:
                said = one
                for code, value in shown.items():
                    said = said.replace(code, value)
                options[one] = said
            self._select(t("Dates are written"), options, "date_format")
        if draft.reads(Reads.MONEY):
            self._select(t("Amounts are written"), {".": "1234.50", ",": "1234,50"}, "decimal")
        if draft.wants_currency:
            currencies = {one: one for one in CURRENCIES}
            self._select(t("Currency of all lines"), currencies, "currency")
        if draft.reads(Reads.REFERENCE):
            options = {"refuse": t("do not take the line"), "empty": t("leave it empty")}
            if may(self._wizard.visitor.somebody, "import", "account"):
                options["create"] = t("make the account")
            self._select(t("Where nobody is called like this"), options, "missing")

    def _select(self, label: str, options: dict[Any, str], name: str) -> None:
        field = ui.select(options, value=getattr(self._draft, name), label=label)
        field.props("outlined dense options-dense").classes("cz-field cz-search")
        field.mark(f"import-{name}")
        field.on_value_change(lambda: setattr(self._draft, name, field.value))

    def _for_contacts(self) -> None:
        t, draft = self._t, self._draft
        tags = ui.select(
            draft.tags,
            value=list(draft.tags),
            label=t("Tags for everybody in the file"),
            multiple=True,
            with_input=True,
            new_value_mode="add-unique",
        )
        tags.props("outlined dense use-chips").classes("cz-field full-width").mark("import-tags")
        tags.on_value_change(lambda: setattr(draft, "tags", list(tags.value or ())))
        source = ui.input(
            label=t("They all agreed to marketing mail: where and when"),
            value=draft.consent_source,
        )
        source.props("outlined dense maxlength=200").classes("cz-field full-width")
        source.props["hint"] = t(
            "Left empty, nobody's consent changes. What somebody decided themselves always stays."
        )
        source.mark("import-consent")
        source.on_value_change(lambda: setattr(draft, "consent_source", source.value or ""))
