"""The right half: the letter as somebody would get it, in the way of different programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

from designer.asking import plain_button
from designer.components.letter_frame import LetterPaper, Look
from designer.contact_picker import pick_contact
from designer.i18n import N_
from designer.letter_words import LEVELS, finding_words, ruling_words
from designer.problem_words import placed_words
from designer.runtime import Designer
from designer.template_editor.sight import Sight
from designer.template_editor.switch import Switch, set_class
from designer.terms import toned
from designer.visitor import Visitor
from designer.widgets import anchor, block, chip, facts, words
from engine.services.actor import may
from engine.services.trying_messages import Preview
from engine.services.trying_messages.findings import CLIPPED_BYTES

VIEWS: Final = (
    ("desktop", N_("Desktop")),
    ("phone", N_("On a phone")),
    ("dark", N_("Dark")),
    ("inverted", N_("Colours inverted")),
    ("text", N_("Text")),
    ("short", N_("Short text")),
    ("headers", N_("Headers")),
)
MOST_LINKS: Final = 60


class SeeingPane:
    """`asked` is told when another letter is wanted; whoever writes it calls `show`."""

    def __init__(self, designer: Designer, visitor: Visitor, asked: Callable[[], None]) -> None:
        self._designer = designer
        self._visitor = visitor
        self._asked = asked
        self._sight = Sight()
        self._view = "desktop"
        self.contact: int | None = None

    def build(self) -> None:
        t = self._visitor.t
        with block("te-bar"):
            views = [(view, t(name)) for view, name in VIEWS]
            Switch(t("Show"), views, self._view, self._turn, "view")
        with block("te-whose"):
            self._whose = block("cz-row cz-grow")
            if may(self._visitor.somebody, "read", "contact"):
                plain_button(t("As a contact"), self._pick, symbol="person_search").classes(
                    "is-quiet"
                ).mark("as-contact")
        self._said = block("cz-stack cz-tight te-said").mark("preview-said")
        self._said.props["aria-live"] = "polite"
        with self._said:
            words(t("The letter is being written …"), "cz-soft")
        with block("te-paper cz-hidden") as self._paper_place:
            with block("te-envelope"):
                self._subject = words("", "cz-strong", tag="div").mark("preview-subject")
                self._preheader = words("", "cz-soft cz-small", tag="div")
            self._paper = LetterPaper(t("The letter"))
            self._plain = words("", "cz-pre cz-hidden", tag="pre").mark("preview-text")
            self._headers = block("cz-hidden")
        with block("te-size"):
            with block("te-meter") as meter:
                self._bar = block("te-meter__bar")
            meter.props["aria-hidden"] = "true"
            self._size = words("", "cz-soft cz-small")
        self._about = block("cz-stack te-about")

    def show(self, sight: Sight) -> None:
        """A letter that cannot be written leaves the last one there, paler."""
        if sight.seen is not None:
            self._sight = sight
            set_class(self._paper_place, "cz-hidden", on=False)
            self._letter()
        set_class(self._paper_place, "is-old", on=sight.seen is None)
        self._say(sight)

    def waits(self, *, on: bool) -> None:
        set_class(self._paper_place, "is-busy", on=on)

    def _say(self, sight: Sight) -> None:
        t = self._visitor.t
        self._said.clear()
        with self._said:
            if sight.again:
                words(t("Others try their texts too; this one follows in a moment."), "cz-soft")
            elif sight.seen is None:
                words(t("It cannot be written like this."), "cz-bad")
                if self._sight.seen is not None:
                    words(t("This is the last letter that could:"), "cz-soft cz-small")
                for one in sight.problems[:3]:
                    words(placed_words("letter", one, t), "cz-small", tag="div")
                if not sight.problems:
                    words(sight.said, "cz-small", tag="div")

    def _letter(self) -> None:
        seen = cast(Preview, self._sight.seen)
        self._show_whose(seen)
        self._subject.set_text(seen.letter.subject)
        self._preheader.set_text(seen.letter.preheader)
        self._turn(self._view)
        self._show_size(seen)
        self._about.clear()
        with self._about:
            self._findings(seen)
            self._links(seen)

    def _turn(self, view: str) -> None:
        self._view = view
        seen = self._sight.seen
        is_text = view in ("text", "short")
        set_class(self._paper.place, "cz-hidden", on=is_text or view == "headers")
        set_class(self._plain, "cz-hidden", on=not is_text)
        set_class(self._headers, "cz-hidden", on=view != "headers")
        if seen is None:
            return
        if is_text:
            missing = self._visitor.t("It has no short text in this language.")
            text = seen.letter.text if view == "text" else seen.letter.short_text or missing
            self._plain.set_text(text)
        elif view == "headers":
            self._headers.clear()
            with self._headers:
                facts(list(seen.headers))
        else:
            look = view if view in ("dark", "inverted") else "light"
            self._paper.show(
                seen.letter.html,
                pictures=self._sight.pictures or {},
                look=cast(Look, look),
                width="phone" if view == "phone" else "desktop",
            )

    def _show_whose(self, seen: Preview) -> None:
        t = self._visitor.t
        self._whose.clear()
        with self._whose:
            if seen.contact_id is None:
                words(t("As somebody made up: {name}", name=seen.contact), "cz-soft cz-small")
                return
            anchor(f"/contacts/{seen.contact_id}", seen.contact or seen.address, "cz-strong")
            words(seen.address, "cz-soft cz-small")
            if seen.ruling is not None:
                text, tone = ruling_words(seen.ruling, self._visitor)
                chip(text, tone)
            drop = plain_button("", self._nobody, symbol="close").classes("is-quiet te-icon")
            drop.props["aria-label"] = t("Show the sample contact again")

    def _show_size(self, seen: Preview) -> None:
        t, number = self._visitor.t, self._visitor.formats.number
        share = min(100, round(100 * seen.html_bytes / CLIPPED_BYTES))
        tone = "bad" if seen.html_bytes > CLIPPED_BYTES else "warn" if share > 80 else "good"
        self._bar.style(f"width:{share}%")
        for one in ("bad", "warn", "good"):
            set_class(self._bar, f"is-{one}", on=one == tone)
        size = number(round(seen.html_bytes / 1024, 1))
        self._size.set_text(t("{size} KB of the 102 KB Gmail shows", size=size))

    def _findings(self, seen: Preview) -> None:
        t = self._visitor.t
        for one in seen.findings:
            level, tone = toned(LEVELS, one.level, t)
            with block("cz-finding"):
                chip(level, tone)
                words(finding_words(one.code, one.message, t), "cz-grow")

    def _links(self, seen: Preview) -> None:
        """As words: what a letter leads to is not opened from here."""
        t = self._visitor.t
        if not seen.links:
            return
        with block("te-links", tag="details"):
            count = len(seen.links)
            words(t.n("{count} link", "{count} links", count), "cz-strong", tag="summary")
            for link in seen.links[:MOST_LINKS]:
                words(link, "cz-code", tag="code")

    async def _pick(self) -> None:
        t = self._visitor.t
        chosen = await pick_contact(self._designer, self._visitor, t("As whom?"))
        if chosen is not None:
            self.contact = chosen
            self._asked()

    def _nobody(self) -> None:
        self.contact = None
        self._asked()
