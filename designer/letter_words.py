"""The words for what was found about a letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_, Translator
from designer.terms import reason
from designer.tone import Tone
from designer.visitor import Visitor
from engine.sending import Answer, Ruling

LEVELS: Final[Mapping[str, tuple[str, Tone]]] = {
    "problem": (N_("Problem"), "bad"),
    "warning": (N_("Warning"), "warn"),
    "note": (N_("Note"), "plain"),
}
# What the service says in English names sizes and files; these say the same without.
FINDINGS: Final[Mapping[str, str]] = {
    "clipped": N_("The letter is larger than 102 KB: Gmail hides its end."),
    "long_subject": N_("The subject is longer than the 70 characters that programs show."),
    "no_text": N_("The plain text is empty."),
    "looks_unwritten": N_("A value of the contact looks like a template; it stays text."),
    "gap": N_("There is a blank before a comma: a value there may be empty."),
    "remote_pictures": N_("Pictures are fetched from elsewhere; many programs ask first."),
    "unknown_file": N_("A file that the letter carries is not there."),
    "not_a_picture": N_("The letter shows a file that is no picture."),
    "files_too_large": N_("The files of the letter are too large together."),
    "template_missing_value": N_("A value that the letter prints is missing."),
    "template_wrong_value": N_("A value is of the wrong kind for what is done with it."),
}
NAMES_MORE: Final = frozenset({"unknown_file", "not_a_picture"})


def finding_words(code: str, message: str, t: Translator, *, path: str | None = None) -> str:
    """In the reader's language where there are words for the code, else as the service says it."""
    known = FINDINGS.get(code)
    if known is None or (t.short == "en" and code in NAMES_MORE):
        return message
    return f"{t(known)} ({path})" if path else t(known)


def ruling_words(ruling: Ruling, visitor: Visitor) -> tuple[str, Tone]:
    """What would become of the message if it were sent now."""
    t = visitor.t
    why = reason(ruling.code, t)
    match ruling.answer:
        case Answer.SEND:
            return t("It would be sent"), "good"
        case Answer.DEFER if ruling.until is not None:
            moment = visitor.formats.weekday_moment(ruling.until)
            return t("It would wait until {moment}: {reason}", moment=moment, reason=why), "warn"
        case Answer.DIGEST:
            return t("It would go with others in one message"), "warn"
        case _:
            return t("It would not be sent: {reason}", reason=why), "warn"
