"""One call of another system: the request from its ask, and what its answer means."""

from __future__ import annotations

import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from crm_store.effects import EffectRow
from engine.effects import CALL_WEBHOOK
from engine.json_path import at
from engine.outgoing import Answered, Call
from engine.outgoing.sorting import is_later


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
    return WebhookResult("refused", reason, status=status)


def _accepted(answer: Answered, ask: Mapping[str, Any]) -> WebhookResult:
    expected: Mapping[str, Any] = ask.get("expect", {})
    places: Mapping[str, str] = ask.get("keep", {})
    if not expected and not places:
        return WebhookResult("ok", status=answer.status)
    try:
        document = None if answer.cut else orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        document = None
    if any(at(document, path) != value for path, value in expected.items()):
        return WebhookResult("refused", "unexpected_answer", status=answer.status)
    found = {name: at(document, path) for name, path in places.items()}
    plain = {name: one for name, one in found.items() if _is_storable(one)}
    return WebhookResult("ok", status=answer.status, kept=plain)


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
