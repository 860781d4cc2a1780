"""One plain page for everything behind a link: in the reader's language, light or dark, on a phone
as on a desk, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final, Literal

from fastapi import Request
from fastapi.responses import HTMLResponse

Language = Literal["en", "zh"]
Words = Mapping[Language, Mapping[str, str]]

STYLE: Final = (
    ":root{color-scheme:light dark;--back:#f3f4f6;--card:#fff;--ink:#1f2937;--soft:#4b5563;"
    "--line:#d1d5db;--main:#1d4ed8;--on-main:#fff}"
    "@media(prefers-color-scheme:dark){:root{--back:#0b1220;--card:#131c2e;--ink:#e5e7eb;"
    "--soft:#a3aec2;--line:#33415a;--main:#7aa2ff;--on-main:#0b1220}}"
    "*{box-sizing:border-box}"
    "body{margin:0;padding:1rem;background:var(--back);color:var(--ink);"
    "font:16px/1.6 system-ui,-apple-system,'Segoe UI','PingFang SC','Microsoft YaHei',"
    "'Noto Sans CJK SC',sans-serif}"
    "main{max-width:34rem;margin:8vh auto;padding:2rem;background:var(--card);border-radius:12px;"
    "overflow-wrap:anywhere}"
    "@media(max-width:30rem){main{margin:0 auto;padding:1.25rem}}"
    "h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.3}"
    "p{margin:0 0 1rem}.soft{color:var(--soft);font-size:.9375rem}"
    "fieldset{margin:0 0 1.5rem;padding:0;border:0;min-width:0}"
    "legend{margin:0 0 .5rem;padding:0;font-weight:600}"
    "label{display:flex;gap:.75rem;align-items:flex-start;padding:.5rem 0;cursor:pointer}"
    "label+label{border-top:1px solid var(--line)}"
    "input{flex:none;width:1.25rem;height:1.25rem;margin:.2rem 0 0;accent-color:var(--main)}"
    "label small{display:block;color:var(--soft);font-size:.875rem;line-height:1.45}"
    "button{font:inherit;min-height:2.75rem;padding:.6rem 1.5rem;border-radius:8px;"
    "border:1px solid var(--main);background:var(--main);color:var(--on-main);cursor:pointer}"
    "button.quiet{background:transparent;color:var(--main)}"
    ".more{margin-top:2rem;padding-top:1.5rem;border-top:1px solid var(--line)}"
    "a{color:var(--main)}:focus-visible{outline:3px solid var(--main);outline-offset:2px}"
)
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_SAID: Final[Words] = {
    "en": {
        "bad_title": "This link does not work",
        "bad": "Please open the link in the message again, or copy all of it.",
        "expired_title": "This link is too old",
        "expired": "Please ask for a new one.",
        "busy_title": "Too many tries",
        "busy": "Please wait a minute and try again.",
        "gone_title": "There is nothing here any more",
        "gone": "What this link led to was removed.",
    },
    "zh": {
        "bad_title": "此链接无效",
        "bad": "请重新打开邮件中的链接，或完整复制该链接。",
        "expired_title": "此链接已过期",
        "expired": "请重新申请一个链接。",
        "busy_title": "尝试次数过多",
        "busy": "请稍候一分钟再试。",
        "gone_title": "此处已无内容",
        "gone": "此链接指向的内容已被移除。",
    },
}
_STATUS: Final = {"bad": 404, "expired": 410, "busy": 429, "gone": 410}


def page(language: Language, title: str, body: str, status: int = 200) -> HTMLResponse:
    """A whole page. `title` is text; `body` is HTML whose every value is escaped already."""
    tag = "zh-CN" if language == "zh" else "en"
    shown = escape(title)
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="{tag}"><head><meta charset="utf-8"><title>{shown}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{shown}</h1>{body}</main></body></html>",
        status,
        HEADERS,
    )


def refusal(kind: Literal["bad", "expired", "busy", "gone"], language: Language) -> HTMLResponse:
    words = _SAID[language]
    body = f"<p>{escape(words[kind])}</p>"
    answer = page(language, words[f"{kind}_title"], body, _STATUS[kind])
    if kind == "busy":
        answer.headers["Retry-After"] = "60"
    return answer


def language_of(tag: str | None, request: Request) -> Language:
    """The contact's, as the letter was; else what the browser asks for."""
    wanted = request.headers.get("accept-language", "") if tag is None else tag
    return "zh" if wanted.strip().lower().startswith("zh") else "en"
