"""The outgoing client against a server that does everything a server may do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest

from engine.outgoing import Answered, Call, NoAnswer, NotAllowed, NotSent, Outgoing
from engine.reachable import is_public, read_reachable, url_problem
from tests.outgoing.scripted_http import (
    ScriptedServer,
    answering,
    cut_off,
    one_after_the_other,
    scripted,
    silent,
)

LOCAL = "127.0.0.0/8"
SHORT = timedelta(seconds=0.3)


@pytest.fixture
async def outgoing() -> AsyncIterator[Outgoing]:
    client = Outgoing(read_reachable(LOCAL), max_answer_bytes=1_000)
    yield client
    await client.close()


async def said(client: Outgoing, server: ScriptedServer, **more: Any) -> Answered:
    return await client.send(Call("POST", server.url, body=b'{"a": 1}', **more))


async def test_what_is_sent_and_what_comes_back(outgoing: Outgoing) -> None:
    async with scripted(answering(201, b'{"id": 7}', X_Found="yes")) as server:
        answer = await said(outgoing, server, headers={"X-Kind": "test"})
    assert (answer.status, answer.body, answer.headers["x-found"]) == (201, b'{"id": 7}', "yes")
    [request] = server.heard
    assert (request.method, request.body) == ("POST", b'{"a": 1}')
    assert request.headers["x-kind"] == "test"
    assert request.headers["user-agent"] == "Cadenza"
    assert request.headers["accept-encoding"] == "identity"


async def test_one_connection_serves_several_calls(outgoing: Outgoing) -> None:
    async with scripted(answering()) as server:
        for _ in range(3):
            await said(outgoing, server)
    assert (len(server.heard), server.connections) == (3, 1)


async def test_a_redirect_is_an_answer_and_not_followed(outgoing: Outgoing) -> None:
    async with scripted(answering(302, Location="http://127.0.0.1:1/inside")) as server:
        answer = await said(outgoing, server)
    assert answer.status == 302
    assert len(server.heard) == 1


async def test_no_more_of_an_answer_is_read_than_is_allowed(outgoing: Outgoing) -> None:
    async with scripted(answering(200, b"x" * 500_000)) as server:
        answer = await said(outgoing, server)
    assert (len(answer.body), answer.cut) == (1_000, True)


async def test_a_slow_answer_is_not_waited_for(outgoing: Outgoing) -> None:
    async with scripted(silent) as server:
        with pytest.raises(NoAnswer) as trouble:
            await said(outgoing, server, timeout=SHORT)
    assert trouble.value.code in ("timed_out", "cut_off")
    assert len(server.heard) == 1


async def test_an_answer_that_drips_is_bounded_as_a_whole(outgoing: Outgoing) -> None:
    async def dripping(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with scripted(dripping) as server:
        with pytest.raises(NoAnswer):
            await said(outgoing, server, timeout=SHORT)


async def test_a_connection_cut_after_the_request_leaves_the_outcome_open(
    outgoing: Outgoing,
) -> None:
    async with scripted(cut_off) as server:
        with pytest.raises(NoAnswer) as trouble:
            await said(outgoing, server)
    assert trouble.value.code == "cut_off"
    assert len(server.heard) == 1


async def test_what_is_no_http_leaves_the_outcome_open(outgoing: Outgoing) -> None:
    async def nonsense(writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP\r\n")

    async with scripted(nonsense) as server:
        with pytest.raises(NoAnswer):
            await said(outgoing, server, timeout=SHORT)


async def test_nobody_listening_means_nothing_was_sent(outgoing: Outgoing) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(NotSent):
            await outgoing.send(Call("GET", f"http://127.0.0.1:{nobody.getsockname()[1]}/"))


async def test_an_unknown_name_means_nothing_was_sent(outgoing: Outgoing) -> None:
    with pytest.raises(NotSent):
        await outgoing.send(Call("GET", "http://nowhere.invalid/"))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
    ],
)
async def test_this_machine_is_not_called_however_it_is_written(host: str) -> None:
    client = Outgoing()
    async with scripted(answering()) as server:
        with pytest.raises((NotAllowed, NotSent)) as trouble:
            await client.send(Call("GET", f"http://{host}:{server.port}/"))
    await client.close()
    assert server.connections == 0
    # some resolvers do not know the odd spellings at all
    assert trouble.value.code in ("address_not_allowed", "unreachable")
    if host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
        assert trouble.value.code == "address_not_allowed"


class Resolver:
    """Answers like a name server that tells another address every time."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(0, 0, 0, "", (address, port)) for address in found]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Resolver]:
    def install(*answers: list[str]) -> Resolver:
        one = Resolver(*answers)
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", one.getaddrinfo)
        return one

    return install


async def test_a_name_is_resolved_once_and_that_address_is_called(
    resolver: Callable[..., Resolver],
) -> None:
    client = Outgoing(read_reachable("127.0.0.1/32"))
    async with scripted(answering()) as server:
        names = resolver(["127.0.0.1"], ["10.0.0.1"])
        answer = await client.send(Call("GET", f"http://rebinding.example.com:{server.port}/"))
    await client.close()
    assert (answer.status, names.asked) == (200, 1)
    assert server.heard[0].headers["host"] == f"rebinding.example.com:{server.port}"


async def test_of_several_addresses_only_those_that_may_be_called_are(
    resolver: Callable[..., Resolver],
) -> None:
    client = Outgoing(read_reachable("127.0.0.2/32"))
    async with scripted(answering()) as server:
        resolver(["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1"])
        with pytest.raises(NotAllowed) as trouble:
            await client.send(Call("GET", f"http://inside.example.com:{server.port}/"))
    await client.close()
    assert trouble.value.code == "address_not_allowed"
    assert server.connections == 0


async def test_a_name_that_is_allowed_may_lead_inside() -> None:
    async with scripted(answering()) as server:
        client = Outgoing(read_reachable(f"localhost:{server.port}"))
        answer = await client.send(Call("GET", f"http://localhost:{server.port}/"))
        with pytest.raises(NotAllowed):
            await client.send(Call("GET", f"http://127.0.0.1:{server.port}/"))
        await client.close()
    assert answer.status == 200


async def test_closing_twice_is_harmless_and_calling_afterwards_works(outgoing: Outgoing) -> None:
    async with scripted(one_after_the_other(answering(200), answering(202))) as server:
        await said(outgoing, server)
        await outgoing.close()
        await outgoing.close()
        assert (await said(outgoing, server)).status == 202


@pytest.mark.parametrize(
    "url",
    [
        "https://ben:secret@example.com/",
        "https://token@example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "example.com/hook",
        "https:///hook",
        "https://example.com/a b",
        "https://example.com/\r\nX: y",
        "https://example.com\\@inside/",
        "https://example.com/#part",
        "https://example.com:99999/",
        "https://[::1/",
        "https://example.com/" + "x" * 2_000,
    ],
)
async def test_an_address_that_cannot_be_called_is_refused(outgoing: Outgoing, url: str) -> None:
    assert url_problem(url)
    with pytest.raises(NotAllowed):
        await outgoing.send(Call("GET", url))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.100.100.200", False),
        ("168.63.129.16", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("240.0.0.1", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("::", False),
        ("::1", False),
        ("::127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:a00:1::", False),
        ("2001:0:a00:1::f5ff:fffe", False),
        ("fe80::1%2", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
    ],
)
def test_which_addresses_everybody_can_reach(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


def test_only_ports_of_the_web_unless_allowed() -> None:
    everywhere = read_reachable("")
    assert everywhere.allows(ip_address("8.8.8.8"), 443)
    assert not everywhere.allows(ip_address("8.8.8.8"), 25)
    inside = read_reachable("10.0.0.0/8:9000, [fd00::/8]:9000, erp.example.com", "443")
    assert inside.allows(ip_address("10.1.1.1"), 9000)
    assert inside.allows(ip_address("fd00::1"), 9000)
    assert not inside.allows(ip_address("10.1.1.1"), 443)
    assert not inside.allows(ip_address("8.8.8.8"), 80)
    assert inside.trusts("ERP.example.com.", 25)
    assert not inside.trusts("erp.example.com.evil.test", 25)


@pytest.mark.parametrize("allow", ["a b", "10.0.0.0/8:no", "https://x", "*", "a:0"])
def test_wrong_allowances_are_refused(allow: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        read_reachable(allow)
