"""Templates, letters, mails: who may write one must not reach the server or other readers."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from engine.channels.address import is_address
from engine.channels.base import OutgoingMessage, Refused, Sender
from engine.channels.mime import mail_bytes
from engine.rendering import RenderFailed, TemplateRefused, check_template, render_html, render_text
from tests.attacks.case import Case, gives, holds, refuses

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KNOWN = ("contact.first_name", "contact.tags", "orders[].total")
ADA = {"contact": {"first_name": "Ada", "tags": ["a"]}, "orders": [{"total": 1}]}
SCRIPT = "<script>alert(1)</script>"

_runs = refuses(TemplateRefused, RenderFailed)


def _rendered(source: str) -> str:
    return render_text(source, ADA)


def _html(source: str, name: object) -> str:
    return str(render_html(source, {"contact": {"first_name": name}}))


def _mail(**changed: object) -> bytes:
    given: dict[str, object] = {
        "provider_key": "k",
        "sender": Sender("hello@cadenza.test", "Cadenza"),
        "to": "ada@cadenza.test",
        "subject": "Hello",
        "text": "Hi",
        **changed,
    }
    return mail_bytes(OutgoingMessage(**given), "k@cadenza.test", NOW)  # type: ignore[arg-type]


def _heads(mail: bytes) -> list[bytes]:
    head = mail.split(b"\r\n\r\n", 1)[0].replace(b"\r\n ", b" ")
    return [line.partition(b":")[0].lower() for line in head.split(b"\r\n")]


_ESCAPES = {
    "the class of a text": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "the class by a filter": "{{ contact.first_name | attr('__class__') }}",
    "the class by an item": "{{ contact['__class__'] }}",
    "globals of a helper": "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "a format string": "{{ '{0.__class__}'.format(contact) }}",
    "a file of the server": "{% include '/etc/passwd' %}",
    "a module": "{% import 'os' as os %}",
    "escaping switched off": "{% autoescape false %}{{ contact.first_name }}{% endautoescape %}",
    "text marked as safe": "{{ contact.first_name | safe }}",
}
_BURDENS = {
    "a range of a billion": "{% for i in range(999999999) %}x{% endfor %}",
    "a tower of powers": "{{ 9 ** 9 ** 9 }}",
    "a billion blanks": "{{ '%999999999d' % 1 }}",
    "five thousand brackets": "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "a macro that calls itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
}

CASES = [
    *(
        Case(f"template: {name}", "CWE-1336", "refused, nothing runs", _runs(partial(_rendered, t)))
        for name, t in _ESCAPES.items()
    ),
    *(
        Case(f"template: {name}", "CWE-400", "refused at once", _runs(partial(_rendered, t)))
        for name, t in _BURDENS.items()
    ),
    Case(
        "template: an unknown variable is found when it is checked",
        "CWE-20",
        "a problem with its line",
        holds(lambda: check_template("{{ server.password }}", KNOWN)),
    ),
    Case(
        "letter: a first name that is a script",
        "CWE-79",
        "escaped",
        holds(lambda: "<script" not in _html("<p>{{ contact.first_name }}</p>", SCRIPT)),
    ),
    Case(
        "letter: a first name that leaves its attribute",
        "CWE-79",
        "quotes are escaped",
        holds(
            lambda: (
                '" onload="'
                not in _html('<p title="{{ contact.first_name }}">x</p>', '" onload="x')
            )
        ),
    ),
    *(
        Case(
            f"letter: a fact as the address of a link, {scheme}",
            "CWE-79",
            "the letter is not written",
            _runs(partial(_html, '<a href="{{ contact.first_name }}">x</a>', f"{scheme}{rest}")),
        )
        for scheme, rest in (
            ("javascript:", "alert(1)"),
            ("data:", "text/html,<script>alert(1)</script>"),
            ("vbscript:", "msgbox(1)"),
            ("java\tscript:", "alert(1)"),
        )
    ),
    Case(
        "mail: a subject with a second header",
        "CWE-93",
        "one subject and no Bcc",
        holds(lambda: b"bcc" not in _heads(_mail(subject="Hi\r\nBcc: eve@evil.test"))),
    ),
    Case(
        "mail: a sender's name with a second header",
        "CWE-93",
        "no Bcc",
        holds(
            lambda: (
                b"bcc"
                not in _heads(_mail(sender=Sender("a@cadenza.test", "A\r\nBcc: eve@evil.test")))
            )
        ),
    ),
    Case(
        "mail: an address with a second one",
        "CWE-93",
        "refused",
        refuses(Refused)(partial(_mail, to="ada@cadenza.test, eve@evil.test")),
    ),
    Case(
        "mail: an address with a line break",
        "RFC 5321 2.3.8",
        "no address",
        gives(lambda: is_address("ada@cadenza.test\r\nRCPT TO:<eve@evil.test>"), False),
    ),
    Case(
        "mail: a header of ours set from outside",
        "CWE-113",
        "refused",
        refuses(Refused)(partial(_mail, headers={"Bcc": "eve@evil.test"})),
    ),
    Case(
        "mail: a header's value with a line break",
        "CWE-113",
        "refused",
        refuses(Refused)(partial(_mail, headers={"List-Unsubscribe": "<x>\r\nBcc: e@evil.test"})),
    ),
    Case(
        "mail: a body that ends the SMTP dialogue",
        "CVE-2023-51766",
        "no bare line feed, every line ended by CRLF",
        holds(
            lambda: (
                b"\n" not in _mail(text="Hi\n.\nMAIL FROM:<eve@evil.test>").replace(b"\r\n", b"")
            )
        ),
    ),
    Case(
        "mail: a sender's address from the settings that is none",
        "CWE-20",
        "the start is refused",
        refuses(ValueError)(partial(Sender, "not an address\r\n")),
    ),
]
