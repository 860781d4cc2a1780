"""Versions side by side: their texts or their letters; and sending one again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nicegui import ui
from starlette.requests import Request

from designer.asking import asking_button
from designer.components.filter_tabs import filter_tabs
from designer.components.letter_frame import letter_frame
from designer.problem_words import placed_words
from designer.runtime import Designer
from designer.shell import frame
from designer.template_editor.comparison import draw_changes
from designer.template_editor.parts import in_order
from designer.template_editor.side_by_side import changes_between
from designer.template_editor.sight import Sight, letter_of
from designer.visitor import Visitor
from designer.widgets import anchor, block, button_link, card, chip, empty_state, notice, words
from engine.services.actor import may
from engine.services.templates.drafts import TemplateDetail, keep_draft, see_template
from engine.services.templates.publishing import (
    files_of_version,
    flows_that_send,
    publish_template,
    retire_template,
)

DRAFT: Final = "draft"
FILES: Final = "files"


@dataclass(frozen=True, slots=True)
class AskedVersions:
    """`left` and `right` are numbers, "draft" or "files"; None: the usual."""

    name: str
    left: str | None
    right: str | None
    show: str
    language: str | None

    @property
    def path(self) -> str:
        return f"/templates/{self.name}/versions"

    def query(self) -> dict[str, str | None]:
        show = None if self.show == "texts" else self.show
        return {
            "left": self.left,
            "right": self.right,
            "show": show,
            "language": self.language,
        }


def asked_versions(name: str, request: Request) -> AskedVersions:
    found = {key: value[:40] for key, value in request.query_params.items()}
    show = "letters" if found.get("show") == "letters" else "texts"
    sides = [found.get(side) or None for side in ("left", "right")]
    left, right = (one if one is None or _is_side(one) else None for one in sides)
    return AskedVersions(name, left, right, show, found.get("language") or None)


def _is_side(text: str) -> bool:
    return text in (DRAFT, FILES) or (text.isdecimal() and len(text) < 9)


class VersionsRoom:
    def __init__(self, designer: Designer, visitor: Visitor, asked: AskedVersions) -> None:
        self.designer = designer
        self.visitor = visitor
        self.asked = asked

    async def build(self) -> None:
        visitor, t, name = self.visitor, self.visitor.t, self.asked.name
        library = self.designer.runtime.templates
        async with self.designer.transaction() as session:
            await library.refresh(session)
            detail = await see_template(session, visitor.somebody, library, name)
            flows = await flows_that_send(session, name)
        left, right = self._sides(detail)
        trail = [("/templates", t("Templates")), (f"/templates/{name}", self._label(detail))]
        with frame(
            "/templates", t("Versions"), trail=trail, styles=("template_editor.css",)
        ) as bar:
            with bar:
                self._actions(detail, flows)
            with block("cz-letter"):
                with block("cz-stack"):
                    await self._compared(detail, left, right)
                with block("cz-stack"):
                    self._list(detail, left, right)

    def _sides(self, detail: TemplateDetail) -> tuple[str, str]:
        """What is sent on the left and the draft on the right, unless others are asked for."""
        sent = next((str(one.number) for one in detail.versions if one.is_sent), None)
        newest = str(detail.versions[0].number) if detail.versions else None
        usual = sent or newest or (FILES if detail.summary.covers_file else DRAFT)
        right = DRAFT if detail.tag is not None else FILES
        return self.asked.left or usual, self.asked.right or right

    def _label(self, detail: TemplateDetail) -> str:
        meta = detail.summary.meta
        if meta is None:
            return self.asked.name
        return meta.label.zh if self.visitor.t.short == "zh" else meta.label.en

    def _side_name(self, side: str) -> str:
        t = self.visitor.t
        if side == DRAFT:
            return t("Draft")
        return t("Files") if side == FILES else f"v{side}"

    async def _compared(self, detail: TemplateDetail, left: str, right: str) -> None:
        t, asked = self.visitor.t, self.asked
        if detail.tag is None:
            empty_state(
                "history",
                t("No versions yet"),
                t("This template is files alone. Its first change here makes a draft."),
                link=(f"/templates/{asked.name}/edit", t("Edit")),
            )
            return
        query = {**asked.query(), "left": left, "right": right}
        with block("cz-row"):
            shows = [(None, t("Texts")), ("letters", t("The letters"))]
            filter_tabs(t("Show"), asked.path, query, "show", shows)
        texts = {side: await self._texts(detail, side) for side in {left, right}}
        if asked.show == "letters":
            await self._letters(query, texts, left, right)
            return
        order = in_order({**texts[left], **texts[right]})
        changes = changes_between(texts[left], texts[right], order)
        draw_changes(changes, self.visitor, self._side_name(left), self._side_name(right))

    async def _texts(self, detail: TemplateDetail, side: str) -> Mapping[str, str]:
        """Raises NotFound for a version that there is not."""
        if side == DRAFT:
            return detail.files
        if side == FILES:
            bundle = self.designer.runtime.templates.file_bundle(self.asked.name)
            return bundle.files if bundle else {}
        async with self.designer.transaction() as session:
            return await files_of_version(
                session, self.visitor.somebody, self.asked.name, int(side)
            )

    async def _letters(
        self,
        query: dict[str, str | None],
        texts: Mapping[str, Mapping[str, str]],
        left: str,
        right: str,
    ) -> None:
        t, asked = self.visitor.t, self.asked
        sights = [
            await letter_of(
                self.designer,
                self.visitor,
                asked.name,
                version=int(side) if side.isdecimal() else None,
                files=None if side.isdecimal() else texts[side],
                language=asked.language,
            )
            for side in (left, right)
        ]
        known = sorted({one for sight in sights if sight.seen for one in sight.seen.languages})
        if len(known) > 1:
            tabs = [(None, t("Own language")), *((one, one) for one in known)]
            filter_tabs(t("Language"), asked.path, query, "language", tabs)
        with block("te-two"):
            for side, sight in zip((left, right), sights, strict=True):
                with card(self._side_name(side)):
                    self._letter(sight)

    def _letter(self, sight: Sight) -> None:
        t, seen = self.visitor.t, sight.seen
        if seen is None:
            notice(sight.said, "bad", "error_outline")
            for problem in sight.problems[:5]:
                words(placed_words("letter", problem, t), "cz-code", tag="div")
            return
        with block("te-envelope"):
            words(seen.letter.subject, "cz-strong", tag="div")
            words(seen.letter.preheader, "cz-soft cz-small", tag="div")
        letter_frame(
            seen.letter.html,
            t("The letter"),
            pictures=sight.pictures or {},
            look="light",
            width="desktop",
        )

    def _list(self, detail: TemplateDetail, left: str, right: str) -> None:
        t, formats = self.visitor.t, self.visitor.formats
        with card(t("Versions")) as place, block("cz-pad cz-stack cz-tight"):
            place.mark("versions")
            if detail.tag is not None:
                self._version(DRAFT, t("Draft"), "", left, right)
            for one in detail.versions:
                about = f"{formats.moment(one.published_at)} · {one.published_by or 'Cadenza'}"
                sent = t("Sent now") if one.is_sent else ""
                self._version(str(one.number), f"v{one.number}", about, left, right, sent)
            if detail.summary.covers_file:
                self._version(FILES, t("Files"), "", left, right)

    def _version(
        self, side: str, name: str, about: str, left: str, right: str, sent: str = ""
    ) -> None:
        t, asked = self.visitor.t, self.asked
        query = {**asked.query(), "left": left, "right": right}
        with block("cz-find"):
            with block("cz-row"):
                words(name, "cz-strong")
                if sent:
                    chip(sent, "good")
                words(about, "cz-soft cz-small cz-grow")
            with block("cz-row cz-small"):
                for key, label, now in (
                    ("left", t("On the left"), left),
                    ("right", t("On the right"), right),
                ):
                    if now == side:
                        chip(label, "accent")
                    else:
                        filled = {**query, key: side}
                        pairs = "&".join(f"{k}={v}" for k, v in filled.items() if v)
                        anchor(f"{asked.path}?{pairs}", label)
            if may(self.visitor.somebody, "publish", "template") and side.isdecimal() and not sent:
                self._publish_again(int(side))
            if may(self.visitor.somebody, "edit", "template") and side != DRAFT:
                self._into_draft(side, name)

    def _publish_again(self, number: int) -> None:
        t, designer, name = self.visitor.t, self.designer, self.asked.name

        async def publish() -> None:
            actor = await designer.actor(self.visitor.token)
            library = designer.runtime.templates
            async with designer.transaction() as session:
                await publish_template(
                    session, actor, library, name, now=designer.now(), number=number
                )
            async with designer.transaction() as session:
                await library.refresh(session)
            ui.navigate.to(self.asked.path)

        asking_button(
            t,
            "restore",
            t("Send this one again"),
            t("Send version {number} again?", number=number),
            t("Flows send it from their next messages on. The draft stays as it is."),
            publish,
        )

    def _into_draft(self, side: str, shown: str) -> None:
        t, designer, name = self.visitor.t, self.designer, self.asked.name

        async def take() -> None:
            actor = await designer.actor(self.visitor.token)
            async with designer.transaction() as session:
                detail = await see_template(session, actor, designer.runtime.templates, name)
            texts = await self._texts(detail, side)
            async with designer.transaction() as session:
                await keep_draft(session, actor, name, texts, now=designer.now(), seen=detail.tag)
            designer.pulses.clear()
            ui.navigate.to(f"/templates/{name}/edit")

        asking_button(
            t,
            "edit_note",
            t("Edit from here"),
            t("Put {version} into the draft?", version=shown),
            t("The draft says what this one says. What it says now is lost, unless published."),
            take,
        )

    def _actions(self, detail: TemplateDetail, flows: tuple[str, ...]) -> None:
        t, name = self.visitor.t, self.asked.name
        somebody = self.visitor.somebody
        if (
            may(somebody, "publish", "template")
            and detail.summary.state == "published"
            and (detail.summary.origin == "database")
        ):
            back = (
                t("The files of the same name are sent again.")
                if detail.summary.covers_file
                else t("Nothing of this name is sent any more; publishing brings it back.")
            )
            used = t.n(
                "{count} flow at work sends it.", "{count} flows at work send it.", len(flows)
            )
            asking_button(
                t,
                "archive",
                t("Retire"),
                t("Retire this template?"),
                f"{back} {used}",
                self._retire,
            )
        if may(somebody, "edit", "template"):
            button_link(f"/templates/{name}/edit", t("Edit"), "edit", main=True)

    async def _retire(self) -> None:
        designer, name = self.designer, self.asked.name
        actor = await designer.actor(self.visitor.token)
        library = designer.runtime.templates
        async with designer.transaction() as session:
            await retire_template(session, actor, library, name, now=designer.now())
        async with designer.transaction() as session:
            await library.refresh(session)
        ui.navigate.to(self.asked.path)
