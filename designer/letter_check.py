"""What the check of a template says, whoever its letters are written for."""

from __future__ import annotations

from designer.asking import plain_button
from designer.letter_words import LEVELS
from designer.problem_words import refusal_words
from designer.runtime import Designer
from designer.terms import toned
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, chip, notice, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.templates.checking import Checked
from engine.services.templates.drafts import TemplateDetail, check_files


def check_button(designer: Designer, visitor: Visitor, detail: TemplateDetail) -> None:
    """Checking writes the template in a process of its own, so it is done when asked for."""
    t = visitor.t
    name, files = detail.summary.name, detail.files

    async def check() -> None:
        told.clear()
        try:
            actor = await designer.actor(visitor.token)
            library = designer.runtime.templates
            found = await check_files(designer.transaction, actor, library, name, files)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            with told:
                notice(refusal_words(error, t), "bad", "error_outline")
            return
        with told:
            _tell(found, visitor)

    with block("cz-row"):
        plain_button(t("Check the template"), check, symbol="fact_check").mark("check")
    told = block("cz-stack cz-tight").mark("check-told")


def _tell(found: Checked, visitor: Visitor) -> None:
    t = visitor.t
    if not found.problems and not found.warnings:
        words(t("The check found nothing."), "cz-good")
    for level, problems in (("problem", found.problems), ("warning", found.warnings)):
        for one in problems:
            text, tone = toned(LEVELS, level, t)
            with block("cz-finding"):
                chip(text, tone)
                with block("cz-grow"):
                    words(one.message, tag="div")
                    words(one.place, "cz-soft cz-small", tag="div")
