"""The text of a mail to one of our own people: what the flow says, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm_store.effects import EffectRow

_LINES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "request": "Request {request}: approve or reject it in Cadenza until {until}.",
        "case": "Case {case}: take it up in Cadenza, or the next level is told.",
        "contact": "Contact: {url}/contacts/{contact}",
        "flow": "Sent by the flow {flow}.",
    },
    "zh": {
        "request": "审批请求 {request}：请在 {until} 之前于 Cadenza 中批准或拒绝。",
        "case": "事项 {case}：请在 Cadenza 中接手，否则将通知下一级。",
        "contact": "联系人：{url}/contacts/{contact}",
        "flow": "由流程 {flow} 发送。",
    },
}


def noticed(
    effect: EffectRow, language: str, flow: str, details: Mapping[str, Any], public_url: str
) -> str:
    """Plain text in the language of whoever reads it; `details` are those of the receipt."""
    lines = _LINES["zh" if language.startswith("zh") else "en"]
    until = str(effect.ask.get("deadline", ""))[:16].replace("T", " ") + " UTC"
    values = {
        "request": details.get("request"),
        "case": details.get("case"),
        "until": until,
        "contact": effect.subject_id,
        "url": public_url,
        "flow": flow,
    }
    wanted = [key for key in ("request", "case") if key in details]
    wanted += ["contact"] if public_url else []
    body = effect.ask["said"]["body"] or effect.ask["said"]["title"]
    foot = [lines[key].format(**values) for key in (*wanted, "flow")]
    return "\n".join([body, "", *foot, ""])
