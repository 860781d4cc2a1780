"""Encryption and sign-in against a real server."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.channels.base import OutgoingMessage, Sender, Unreachable
from engine.channels.smtp import SmtpChannel, SmtpServer
from engine.channels.smtp_answers import OUR_TROUBLE
from engine.channels.smtp_session import Security

MESSAGE = OutgoingMessage(
    "0" * 32, Sender("hello@cadenza.test"), "ada@example.com", "Hello", "Dear Ada"
)


class Certificate:
    """A certificate for 127.0.0.1 that nobody but `trusting` trusts."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
            )
            .sign(key, hashes.SHA256())
        )
        self.file = folder / "server.pem"
        self.file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )

    def server_side(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


class Sink:
    """Counts letters, and whether each came over an encrypted and signed-in connection."""

    def __init__(self) -> None:
        self.letters: list[tuple[bool, bool]] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert server.transport is not None
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.letters.append((encrypted, bool(session.authenticated)))
        return "250 ok"


def signs_in(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    right = isinstance(data, LoginPassword) and data == LoginPassword(b"cadenza", b"right")
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def sink(
    certificate: Certificate, security: Security, *, sign_in: bool = False, without: str = ""
) -> AsyncIterator[tuple[Sink, int]]:
    counted = Sink()
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(
            counted,
            hostname="mail.test",
            loop=loop,
            tls_context=certificate.server_side() if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=signs_in if sign_in else None,
            auth_required=sign_in,
            auth_require_tls=security != "tls",
            auth_exclude_mechanism=[without] if without else [],
        )

    wrapped = certificate.server_side() if security == "tls" else None
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=wrapped)
    try:
        yield counted, server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def channel(port: int, **more: Any) -> AsyncIterator[SmtpChannel]:
    timeout = timedelta(seconds=5)
    server = SmtpServer("127.0.0.1", port, connections=1, timeout=timeout, **more)
    opened = SmtpChannel(server, message_id_domain="cadenza.test")
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_letter_goes_encrypted(certificate: Certificate, security: Security) -> None:
    trusting = certificate.trusting()
    async with (
        sink(certificate, security) as (counted, port),
        channel(port, security=security, tls_context=trusting) as opened,
    ):
        for _ in range(3):
            await opened.send(MESSAGE)
        assert [encrypted for encrypted, _ in counted.letters] == [True] * 3


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_nobody_vouches_for_gets_nothing(
    certificate: Certificate, security: Security
) -> None:
    async with (
        sink(certificate, security) as (counted, port),
        channel(port, security=security) as opened,
    ):
        with pytest.raises(Unreachable) as failure:
            await opened.send(MESSAGE)
        assert failure.value.code == "tls"
        assert counted.letters == []


async def test_a_server_without_starttls_gets_nothing_in_the_clear(
    certificate: Certificate,
) -> None:
    async with (
        sink(certificate, "none") as (counted, port),
        channel(port, security="starttls") as opened,
    ):
        with pytest.raises(Unreachable) as failure:
            await opened.send(MESSAGE)
        assert failure.value.code == "not_welcome"
        assert counted.letters == []


@pytest.mark.parametrize("without", ["LOGIN", "PLAIN"])
@pytest.mark.parametrize(("password", "accepted"), [("right", True), ("wrong", False)])
async def test_a_password_is_checked_and_never_told(
    certificate: Certificate, password: str, accepted: bool, without: str
) -> None:
    async with (
        sink(certificate, "starttls", sign_in=True, without=without) as (counted, port),
        channel(
            port,
            security="starttls",
            tls_context=certificate.trusting(),
            username="cadenza",
            password=password,
        ) as opened,
    ):
        if accepted:
            await opened.send(MESSAGE)
            assert counted.letters == [(True, True)]
            return
        with pytest.raises(Unreachable) as failure:
            await opened.send(MESSAGE)
        assert failure.value.code == "sign_in"
        assert failure.value.retry_after == OUR_TROUBLE
        assert password not in str(failure.value)
        assert counted.letters == []


def test_a_server_does_not_print_its_password() -> None:
    assert "s3cret" not in repr(SmtpServer("mail.test", 25, username="u", password="s3cret"))
