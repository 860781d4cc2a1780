"""Settings that are right one by one and wrong together."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import Problem
from engine.settings.delivery import Delivery
from engine.settings.sendgrid import SendGrid
from engine.settings.temporal import Temporal


def contradictions(delivery: Delivery, sendgrid: SendGrid, temporal: Temporal) -> Iterator[Problem]:
    """Every such pair as a problem at the variable to change."""
    if delivery.channel == "smtp" and delivery.host is None:
        yield Problem(
            "SMTP_HOST",
            "missing",
            'is not set, but DELIVERY_CHANNEL is "smtp". Set it, or DELIVERY_CHANNEL=mailbox.',
        )
    if delivery.channel != "smtp" and delivery.host is not None:
        yield Problem(
            "SMTP_HOST",
            "unused",
            f'is set, but DELIVERY_CHANNEL is "{delivery.channel}". Set DELIVERY_CHANNEL=smtp, '
            "or unset SMTP_HOST.",
        )
    if delivery.channel == "sendgrid" and sendgrid.key is None:
        yield Problem(
            "SENDGRID_API_KEY",
            "missing",
            'is not set, but DELIVERY_CHANNEL is "sendgrid". Set it, or DELIVERY_CHANNEL=mailbox.',
        )
    if delivery.channel != "sendgrid" and sendgrid.key is not None:
        yield Problem(
            "SENDGRID_API_KEY",
            "unused",
            f'is set, but DELIVERY_CHANNEL is "{delivery.channel}". Set DELIVERY_CHANNEL=sendgrid, '
            "or unset SENDGRID_API_KEY.",
        )
    if (delivery.username is None) != (delivery.password is None):
        yield Problem(
            "SMTP_PASSWORD", "half", "and SMTP_USERNAME belong together. Set both, or neither."
        )
    if delivery.password is not None and delivery.security == "none":
        yield Problem(
            "SMTP_SECURITY",
            "insecure",
            '"none" would send SMTP_PASSWORD in the clear. Use starttls or tls.',
        )
    if (temporal.tls_cert_path is None) != (temporal.tls_key_path is None):
        yield Problem(
            "TEMPORAL_TLS_CLIENT_KEY_PATH",
            "half",
            "and TEMPORAL_TLS_CLIENT_CERT_PATH belong together. Set both, or neither.",
        )
    for name, path in (
        ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", temporal.tls_ca_path),
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", temporal.tls_cert_path),
        ("TEMPORAL_TLS_CLIENT_KEY_PATH", temporal.tls_key_path),
    ):
        if path is not None and not path.is_file():
            yield Problem(name, "no_file", f'there is no file "{path}". Correct the path.')
