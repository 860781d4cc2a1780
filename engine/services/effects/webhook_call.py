"""One call of another system: the request from its ask, and what its answer means."""

from __future__ import annotations

import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from crm_store.effects import EffectRow
from engine.effects import CALL_WEBHOOK
from engine.json_path import at
from engine.outgoing import Answered, Call
from engine.outgoing.sorting import is_later
from engine.steps.webhook_taken import LONGEST_REMEMBERED

# Malformed, and well formed but not acceptable (RFC 9110, 15.5.1 and 15.5.21).
_WRONG_DATA: Final = frozenset({400, 422})
_LONGEST_EXPLAINED: Final = 300


@dataclass(frozen=True, slots=True)
class WebhookResult:
    """`how` is "ok", "refused", "later" (certainly or probably not done), "unclear" (perhaps done)
    or "cannot" (a person must mend the ask)."""

    how: str
    reason: str | None = None
    message: str | None = None
    status: int | None = None
    retry_after: str | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    remembered: Mapping[str, Any] = field(default_factory=dict)


class BadSecret(Exception):
    """The secret of this name cannot sign, or cannot be sent."""


def secrets_named(ask: Mapping[str, Any]) -> list[str]:
    """The kept secrets that a call needs."""
    named = [ask[key] for key in ("secret", "token") if key in ask]
    return [*named, *ask.get("secret_headers", {}).values()]


def call_id(effect: EffectRow, key_secret: bytes) -> str:
    """Our id of the call: the same at every try, another on another visit, and unguessable."""
    place = f"call:{effect.run_id}:{effect.node}:{effect.visit}"
    return f"msg_{hmac.digest(key_secret, place.encode(), 'sha256').hex()[:32]}"


def call_of(effect: EffectRow, identity: str, secrets: Mapping[str, str], now: datetime) -> Call:
    """The request. Raises BadSecret; `secrets` must hold all that the ask names."""
    ask = effect.ask
    body = _body(effect)
    headers = {
        **({"Content-Type": "application/json"} if body else {}),
        **ask.get("headers", {}),
        "Idempotency-Key": identity,
        "webhook-id": identity,
    }
    for header, name in ask.get("secret_headers", {}).items():
        headers[header] = _sendable(name, secrets)
    if "token" in ask:
        headers["Authorization"] = f"Bearer {_sendable(ask['token'], secrets)}"
    if "secret" in ask:
        try:
            headers |= signed(secrets[ask["secret"]], identity, body, now)
        except (binascii.Error, EmptyWebhookSecretError, ValueError):
            raise BadSecret(ask["secret"]) from None
    url = ask["url"]
    if query := ask.get("said", {}).get("query"):
        url += ("&" if "?" in url else "?") + urlencode(_texts(query), doseq=True)
    return Call(ask["method"], url, headers, body, CALL_WEBHOOK.timeout)


def _sendable(name: str, secrets: Mapping[str, str]) -> str:
    secret = secrets[name]
    if not secret.isascii() or not secret.isprintable():
        raise BadSecret(name)
    return secret


def signed(secret: str, identity: str, body: bytes, now: datetime) -> dict[str, str]:
    """Headers of Standard Webhooks. Raises ValueError or EmptyWebhookSecretError for what is no
    such secret."""
    signature = Webhook(secret).sign(identity, now.astimezone(UTC), body.decode())
    stamp = str(int(now.timestamp()))
    return {"webhook-timestamp": stamp, "webhook-signature": signature}


def result_of(answer: Answered, ask: Mapping[str, Any]) -> WebhookResult:
    status, reason = answer.status, f"http_{answer.status}"
    if 200 <= status < 300:
        return _accepted(answer, ask)
    if is_later(status):
        pause = answer.headers.get("retry-after")
        return WebhookResult("later", reason, status=status, retry_after=pause)
    if ask.get("hold_wrong_data") and status in _WRONG_DATA:
        said = f"The other system found the data wrong ({status}){_explained(answer, ask)}."
        return WebhookResult("cannot", reason, said, status)
    return WebhookResult("refused", reason, status=status)


def _explained(answer: Answered, ask: Mapping[str, Any]) -> str:
    """What the other side says of it, where the step says where that stands."""
    if "explain" not in ask:
        return ""
    found = at(_document(answer), ask["explain"])
    if not isinstance(found, str) or not _is_storable(found):
        return ""
    words = "".join(one if one.isprintable() else " " for one in found[:_LONGEST_EXPLAINED])
    return f": {words.strip().rstrip('.')}"


def _document(answer: Answered) -> Any:
    try:
        return None if answer.cut else orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def _accepted(answer: Answered, ask: Mapping[str, Any]) -> WebhookResult:
    expected: Mapping[str, Any] = ask.get("expect", {})
    places: Mapping[str, str] = ask.get("keep", {})
    wanted: Mapping[str, str] = ask.get("remember", {})
    if not expected and not places and not wanted:
        return WebhookResult("ok", status=answer.status)
    document = _document(answer)
    if any(at(document, path) != value for path, value in expected.items()):
        return WebhookResult("refused", "unexpected_answer", status=answer.status)
    found = {name: at(document, path) for name, path in places.items()}
    plain = {name: one for name, one in found.items() if _is_storable(one)}
    noted = {name: at(document, path) for name, path in wanted.items()}
    remembered = {name: one for name, one in noted.items() if _is_short(one)}
    return WebhookResult("ok", status=answer.status, kept=plain, remembered=remembered)


def _is_short(value: Any) -> bool:
    """Whether it may be an id of the other system: what is longer is somebody's words."""
    return _is_storable(value) and len(str(value)) <= LONGEST_REMEMBERED


def _is_storable(value: Any) -> bool:
    """Whether a row can hold it: a plain value, and no text with NUL or half a character."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= one <= "\udfff" for one in value)
    return isinstance(value, int | float)


def _body(effect: EffectRow) -> bytes:
    if effect.ask["method"] not in ("POST", "PUT"):
        return b""
    document = dict(effect.ask.get("said", {}).get("body", {}))
    if effect.ask.get("usual"):
        document |= {"run": effect.run_id, "at": effect.created_at.isoformat()}
    return orjson.dumps(document)


def _texts(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _text(value) for name, value in query.items() if value is not None}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return [_text(one) for one in value]
    return orjson.dumps(value).decode() if isinstance(value, dict) else value
