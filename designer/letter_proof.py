"""A proof: the letter written for some people of a segment, and what would go wrong for them."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.letter_asked import Asked
from designer.letter_words import LEVELS, finding_words
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.terms import reason, toned
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, card, chip, facts, notice, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.actor import may
from engine.services.segments.looking import list_segments
from engine.services.trying_messages import USUAL_PEOPLE, Desk, Proof, proof
from engine.services.trying_messages.proofing import ProofFinding, Someone

EVERYBODY: Final = ""


class ProofCard:
    def __init__(self, designer: Designer, visitor: Visitor, desk: Desk, asked: Asked) -> None:
        self._designer = designer
        self._visitor = visitor
        self._desk = desk
        self._asked = asked

    async def build(self) -> None:
        t = self._visitor.t
        options = await self._segments()
        with card(t("Proof for a sample")) as place:
            place.mark("proof")
            with block("cz-pad cz-stack cz-tight"):
                words(
                    t("Written for people drawn by chance; nobody gets mail."), "cz-soft cz-small"
                )
                with block("cz-row"):
                    self._from = ui.select(options, value=EVERYBODY, label=t("Of whom?"))
                    self._from.props("outlined dense").classes("cz-field cz-search")
                    self._from.mark("proof-of")
                    name = t("Draw {count}", count=USUAL_PEOPLE)
                    plain_button(name, self._draw, symbol="casino").mark("draw")
            self._told = block().mark("proof-told")

    async def _segments(self) -> dict[str, str]:
        t, somebody = self._visitor.t, self._visitor.somebody
        options = {EVERYBODY: t("All contacts")}
        if may(somebody, "read", "segment"):
            async with self._designer.transaction() as session:
                found = await list_segments(session, somebody)
            chinese = t.short == "zh"
            options |= {one.name: (one.label_zh if chinese else None) or one.label for one in found}
        return options

    async def _draw(self) -> None:
        self._told.clear()
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                found = await proof(
                    session,
                    actor,
                    self._desk,
                    self._asked.name,
                    now=self._designer.now(),
                    segment=self._from.value or None,
                )
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            with self._told:
                notice(all_words(error, self._visitor.t, "letter"), "bad", "error_outline")
            return
        with self._told:
            self._tell(found)

    def _tell(self, found: Proof) -> None:
        t, number = self._visitor.t, self._visitor.formats.number
        if not found.drawn:
            words(t("There is nobody to draw from."), "cz-soft cz-pad", tag="p")
            return
        written = t("{written} of {drawn} can be written", written=found.written, drawn=found.drawn)
        reach = [
            (t("would be sent") if code == "sent" else reason(code, t), count)
            for code, count in found.reach.items()
        ]
        sizes = (found.smallest_bytes, found.usual_bytes, found.largest_bytes)
        facts(
            [
                (t("Letters"), written),
                (t("Languages"), _counts(list(found.languages.items()))),
                (t("If sent now"), _counts(reach)),
                (t("HTML"), " · ".join(f"{number(round(one / 1024, 1))} KB" for one in sizes)),
            ]
        )
        with block("cz-pad cz-stack cz-tight"):
            for one in found.findings:
                self._finding(one)
            for subject in found.subjects:
                with block("cz-row"):
                    self._person(Someone(subject.contact_id, subject.name))
                    words(f"{subject.language} · {subject.subject}", "cz-soft cz-small")

    def _finding(self, one: ProofFinding) -> None:
        t = self._visitor.t
        level, tone = toned(LEVELS, one.level, t)
        with block("cz-finding"):
            chip(f"{level} · {one.count}", tone)
            with block("cz-grow"):
                words(finding_words(one.code, one.message, t, path=one.path), tag="div")
                with block("cz-row cz-small"):
                    for who in one.people:
                        self._person(who)

    def _person(self, who: Someone) -> None:
        """Leads to the letter as this person would get it."""
        number = str(who.contact_id)
        anchor(self._asked.as_seen_by(number), who.name or number)


def _counts(counts: list[tuple[str, int]]) -> str:
    return " · ".join(f"{count} × {name.rstrip('.。')}" for name, count in counts)
