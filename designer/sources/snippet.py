"""What to paste into a page of one's own, so that its form arrives here."""

from __future__ import annotations

from html import escape

from engine.services.forms import Form, FormField
from engine.services.forms.model import TRAP


def snippet(public_url: str, name: str, form: Form, email_label: str, send: str) -> str:
    """HTML as text: plain, without a script, so that any page and policy takes it."""
    email = FormField("email", email_label, "email", required=True)
    lines = [f'<form action="{escape(public_url)}/f/{escape(name)}" method="post">']
    lines += [f"  {_field(one)}" for one in (email, *form.fields)]
    lines.append(
        f'  <input name="{TRAP}" tabindex="-1" autocomplete="off" aria-hidden="true"\n'
        '         style="position:absolute;left:-9999px">'
    )
    if form.redirects:
        lines.append(f'  <input type="hidden" name="next" value="{escape(form.redirects[0])}">')
    if form.wording:
        lines.append(f"  <p>{escape(form.wording)}</p>")
    lines += [f"  <button>{escape(send)}</button>", "</form>"]
    return "\n".join(lines)


def _field(one: FormField) -> str:
    label, needed = escape(one.label), " required" if one.required else ""
    match one.kind:
        case "tick":
            return (
                f'<label><input type="checkbox" name="{one.name}" value="yes"{needed}> '
                f"{label}</label>"
            )
        case "long_text":
            control = f'<textarea name="{one.name}"{needed}></textarea>'
        case "choice":
            options = "".join(f"<option>{escape(word)}</option>" for word in one.choices)
            control = f'<select name="{one.name}"{needed}>{options}</select>'
        case _:
            kind = {"email": "email", "phone": "tel", "date": "date"}.get(one.kind, "text")
            control = f'<input type="{kind}" name="{one.name}"{needed}>'
    return f"<label>{label} {control}</label>"
