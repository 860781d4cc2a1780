"""What the editor offers while somebody types: variables, filters, blocks, tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from designer.i18n import N_, Translator
from designer.template_editor.code_help import Word
from engine.rendering.mjml_words import KNOWN
from engine.services.templates.offered import Offered

# (name with its arguments, what is inserted, what it gives)
FILTERS: Final[tuple[tuple[str, str, str], ...]] = (
    ("default", 'default("")', N_("These words where the value is missing")),
    ("upper", "upper", N_("In capitals")),
    ("lower", "lower", N_("In small letters")),
    ("title", "title", N_("Each word with a capital")),
    ("trim", "trim", N_("Without blanks around it")),
    ("truncate", "truncate(80)", N_("At most so many characters, cut between words")),
    ("join", 'join(", ")', N_("The items of a list as one text")),
    ("length", "length", N_("How many items or characters")),
    ("urlencode", "urlencode", N_("As a part of an address")),
    ("money", "money", N_("An amount, as the reader's language writes it")),
    ("date", 'date("long")', N_("A date: short, medium, long, month_day, weekday …")),
    ("time", "time", N_("The time on the contact's clock")),
    ("number", "number", N_("A number with its thousands")),
    ("plural", 'plural("", "")', N_("The word that goes with the count")),
)
BLOCKS: Final[tuple[tuple[str, str, str], ...]] = (
    ("if", "if ", N_("Only where something holds")),
    ("elif", "elif ", N_("Else, where something else holds")),
    ("else", "else %}", N_("In all other cases")),
    ("endif", "endif %}", N_("The end of a condition")),
    ("for", "for item in ", N_("Once for each item of a list")),
    ("endfor", "endfor %}", N_("The end of a loop")),
)
# What somebody probably wants to say with a value of this kind; a missing one holds the letter.
_USUAL: Final = {
    "text": '{path} | default("")',
    "money": "{path} | money",
    "date": "{path} | date",
    "datetime": "{path} | date",
    "number": "{path} | number",
    "set": '{path} | join(", ")',
    "list": '{path} | join(", ")',
}


def words_at_hand(
    offered: Sequence[Offered], t: Translator
) -> tuple[list[Word], list[Word], list[Word], list[Word]]:
    variables: list[Word] = [
        (one.path, _detail(one, t), ", ".join(one.values[:12]), "") for one in offered
    ]
    filters: list[Word] = [(name, "", t(words), inserted) for name, inserted, words in FILTERS]
    blocks: list[Word] = [(name, "", t(words), inserted) for name, inserted, words in BLOCKS]
    tags: list[Word] = [(tag, "", "", "") for tag in sorted(KNOWN) if tag.startswith("mj-")]
    return variables, filters, blocks, tags


def label_of(one: Offered, t: Translator) -> str:
    return one.label.in_language(t.short)


def usual_expression(one: Offered) -> str:
    """What is inserted for this variable: with the filter that its kind asks for."""
    if one.path.startswith("sender.") or one.path == "preheader":
        return f"{{{{ {one.path} }}}}"
    pattern = _USUAL.get(one.kind, "{path}")
    return "{{ " + pattern.format(path=one.path) + " }}"


def _detail(one: Offered, t: Translator) -> str:
    label = label_of(one, t)
    return f"{label} · {one.sample}" if one.sample else label
