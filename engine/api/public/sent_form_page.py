"""A form as a page of its own: labels, what is wrong and where, and the words after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from starlette.responses import Response

from engine.api.public.page import Language, Words, page
from engine.errors import Problem
from engine.services.forms import FormField, KnownForm
from engine.services.forms.model import LONGEST_ANSWER, TRAP

WORDS: Final[Words] = {
    "en": {
        "email": "E-mail address",
        "send": "Send",
        "wrong": "Please look at what is marked.",
        "leave": "Leave this empty",
        "choose": "Choose",
        "bad_email": "Please write an e-mail address such as ada@example.com.",
        "bad": "This cannot be read. Please write it another way.",
        "missing": "Please fill this in.",
        "too_long": "This is too long.",
        "done_title": "Thank you",
        "done": "It has arrived.",
        "confirm": "We have sent a letter to your address. Please press the button in it, so that "
        "we know that it is you.",
        "later_title": "Not now, please",
        "later": "Too much is coming in at the moment. Please try again in a minute.",
        "no_files_title": "Without files, please",
        "no_files": "Nothing was sent: this form takes no files. Please go back, take the file "
        "out, and send it again.",
    },
    "zh": {
        "email": "电子邮箱",
        "send": "发送",
        "wrong": "请检查标出的内容。",
        "leave": "此处请留空",
        "choose": "请选择",
        "bad_email": "请填写电子邮箱，例如 ada@example.com。",
        "bad": "无法识别，请换一种写法。",
        "missing": "请填写此项。",
        "too_long": "内容过长。",
        "done_title": "谢谢",
        "done": "已收到。",
        "confirm": "我们已向您的邮箱发送一封邮件，请点击其中的按钮以确认是您本人。",
        "later_title": "请稍后再试",
        "later": "目前请求过多，请一分钟后再试。",
        "no_files_title": "请勿附带文件",
        "no_files": "未提交：此表单不接收文件。请返回并移除文件后重新提交。",
    },
}
_TYPES: Final[Mapping[str, str]] = {
    "email": "email",
    "phone": "tel",
    "date": "date",
    "number": "text",
}
_COMPLETE: Final[Mapping[str, str]] = {
    "first_name": "given-name",
    "last_name": "family-name",
    "phone": "tel",
    "job_title": "organization-title",
    "country": "country-name",
    "city": "address-level2",
    "birthday": "bday",
}
_FIELD: Final = (
    "width:100%;height:auto;min-height:2.75rem;margin:.25rem 0 0;padding:.5rem .75rem;font:inherit;"
    "color:inherit;background:transparent;border:1px solid var(--line);border-radius:8px"
)
# Out of sight without being hidden, which programs look for.
_AWAY: Final = "position:absolute;left:-9999px;width:1px;height:1px;overflow:hidden"


def form_page(
    form: KnownForm,
    language: Language,
    given: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> Response:
    """Empty, or with what was sent and what of it is wrong."""
    words, filled = WORDS[language], given or {}
    wrong = {one.place: one.code for one in problems}
    email = FormField("email", words["email"], "email", required=True)
    alert = f'<p role="alert"><strong>{escape(words["wrong"])}</strong></p>' if problems else ""
    asked = "".join(
        _field(one, filled.get(one.name, ""), wrong.get(one.name), language)
        for one in (email, *form.form.fields)
    )
    wording = f'<p class="soft">{escape(form.form.wording)}</p>' if form.form.wording else ""
    trap = (
        f'<div style="{_AWAY}" aria-hidden="true"><label>{escape(words["leave"])}'
        f'<input name="{TRAP}" tabindex="-1" autocomplete="off"></label></div>'
    )
    chosen = filled.get("next", "")
    follow = (
        f'<input type="hidden" name="next" value="{escape(chosen)}">'
        if chosen in form.form.redirects
        else ""
    )
    body = (
        f'{alert}<form method="post">{asked}{trap}{follow}{wording}'
        f"<button>{escape(words['send'])}</button></form>"
    )
    return page(language, form.form.title, body, 422 if problems else 200)


def thanks_page(form: KnownForm, language: Language) -> Response:
    words = WORDS[language]
    said = form.form.thanks or words["done"]
    lines = "".join(f"<p>{escape(line)}</p>" for line in said.splitlines() if line.strip())
    if form.form.consent == "confirm":
        lines += f"<p>{escape(words['confirm'])}</p>"
    return page(language, words["done_title"], lines)


def _field(one: FormField, value: str, wrong: str | None, language: Language) -> str:
    words, place = WORDS[language], f"f-{one.name}"
    needed = " required" if one.required else ""
    marks = f' id="{place}" name="{one.name}"{needed}'
    if wrong:
        marks += f' aria-invalid="true" aria-describedby="{place}-wrong"'
    said = (
        f'<p id="{place}-wrong" role="alert" style="margin:.25rem 0 0;color:var(--bad,#c81e1e)">'
        f"{escape(_why(one, wrong, words))}</p>"
        if wrong
        else ""
    )
    if one.kind == "tick":
        ticked = " checked" if value else ""
        return (
            f'<label><input type="checkbox" value="yes"{marks}{ticked}>'
            f"<span>{escape(one.label)}</span></label>{said}"
        )
    star = " *" if one.required else ""
    label = (
        f'<label for="{place}" style="display:block;padding:0">{escape(one.label)}{star}</label>'
    )
    return f'<div style="margin:0 0 1rem">{label}{_control(one, value, marks, words)}{said}</div>'


def _control(one: FormField, value: str, marks: str, words: Mapping[str, str]) -> str:
    longest = LONGEST_ANSWER.get(one.kind, 500)
    if one.kind == "long_text":
        # a browser drops the first line break
        return (
            f'<textarea{marks} rows="4" maxlength="{longest}" style="{_FIELD}">'
            f"\n{escape(value)}</textarea>"
        )
    if one.kind == "choice":
        options = f'<option value="">{escape(words["choose"])}</option>' + "".join(
            f'<option value="{escape(word)}"{" selected" if word == value else ""}>'
            f"{escape(word)}</option>"
            for word in one.choices
        )
        return f'<select{marks} style="{_FIELD}">{options}</select>'
    kind = _TYPES.get(one.kind, "text")
    complete = "email" if one.kind == "email" else _COMPLETE.get(one.fills, "")
    filler = f' autocomplete="{complete}"' if complete else ""
    number = ' inputmode="decimal"' if one.kind == "number" else ""
    return (
        f'<input type="{kind}"{marks}{filler}{number} maxlength="{longest}"'
        f' value="{escape(value)}" style="{_FIELD}">'
    )


def _why(one: FormField, code: str | None, words: Mapping[str, str]) -> str:
    if one.kind == "email":
        return words["bad_email"]
    return words.get(code or "", words["bad"])
