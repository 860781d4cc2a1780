"""The room for unpublished templates: it answers, and what goes wrong in it stays in it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import LimitReached, Refused, Unavailable
from engine.services.templates.bundle import Bundle
from engine.services.templates.room import LONGEST_LINE, Room, TriedTooLong
from engine.services.templates.vocabulary import known_variables

KNOWN = known_variables()
META = "label: {en: Hello, zh: 你好}\npurpose: service\n"
BODY = "<p>{{ contact.last_seen_at }}</p>"
HELLO = Bundle("hello", {"meta.yaml": META, "subject.txt": "Hi", "body.html": BODY})
SEEN = {"contact": {"last_seen_at": datetime(2026, 3, 1, 20, 0, tzinfo=UTC)}}
READY = "import sys; sys.stdout.buffer.write(bytes(4) + b''); sys.stdout.flush();"


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.close()


def broken(what: str, *, longest: float = 0.3) -> Room:
    command = (sys.executable, "-c", READY + what)
    return Room(longest=timedelta(seconds=longest), command=command)


async def test_a_template_is_written_in_the_room(room: Room) -> None:
    letter = await room.render(
        HELLO, KNOWN, SEEN, language="zh-CN", zone="Asia/Singapore", links={}
    )
    assert (letter.html, letter.text, letter.version) == (
        "<p>March 2, 2026</p>",
        "March 2, 2026\n",
        "draft",
    )
    assert (await room.check(HELLO, KNOWN, SEEN)).problems == ()


async def test_what_cannot_be_written_comes_out_as_words(room: Room) -> None:
    with pytest.raises(Refused) as refused:
        await room.render(HELLO, KNOWN, {}, language="en", zone="UTC", links={})
    assert [one.code for one in refused.value.problems] == ["missing_value"]


@pytest.mark.parametrize(
    "what",
    [
        "exec('while True: pass')",
        "import time; time.sleep(60)",
        "sys.exit(1)",
        "sys.stdout.buffer.write(b'\\xff' * 64); sys.stdout.flush(); sys.stdin.read()",
        "sys.stdout.buffer.write(b'\\0\\0\\0\\3abc'); sys.stdout.flush(); sys.stdin.read()",
    ],
    ids=["spins", "sleeps", "dies", "answers too much", "answers nonsense"],
)
async def test_a_room_that_goes_wrong_is_given_up(what: str) -> None:
    room = broken(what)
    for _ in range(2):
        with pytest.raises(TriedTooLong) as refused:
            await room.check(HELLO, KNOWN, {})
        assert [one.code for one in refused.value.problems] == ["too_much_work"]
    room.close()


async def test_the_line_before_the_room_is_short() -> None:
    room = broken("import time; time.sleep(60)")
    asked = [asyncio.create_task(room.check(HELLO, KNOWN, {})) for _ in range(LONGEST_LINE)]
    await asyncio.sleep(0)
    with pytest.raises(LimitReached):
        await room.check(HELLO, KNOWN, {})
    for one in asked:
        one.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    with pytest.raises(TriedTooLong):
        await room.check(HELLO, KNOWN, {})
    room.close()


async def test_a_room_that_cannot_be_opened_says_so() -> None:
    room = Room(command=(sys.executable, "-c", "raise SystemExit"))
    with pytest.raises(Unavailable):
        await room.check(HELLO, KNOWN, {})


async def test_there_are_limits_and_nothing_secret_inside(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for templates")
    script = (
        "import os, resource, struct, json\n"
        "from engine.services.templates import inside_room as inside\n"
        "inside._close_the_door(); inside._more_time()\n"
        "limits = {n: resource.getrlimit(getattr(resource, n))[0] for n in "
        "('RLIMIT_AS', 'RLIMIT_FSIZE', 'RLIMIT_CORE', 'RLIMIT_NOFILE')}\n"
        "limits['cpu'] = resource.getrlimit(resource.RLIMIT_CPU)[0] < 3600\n"
        "said = [['', json.dumps(limits), str('SECRET_KEY' in os.environ)]]\n"
        "data = json.dumps({'problems': said, 'warnings': [], 'languages': [], 'frames': [],"
        " 'bytes': 0}).encode()\n"
        "sys.stdout.buffer.write(struct.pack('>I', len(data)) + data); sys.stdout.flush()\n"
        "sys.stdin.read()\n"
    )
    room = broken("\n" + script, longest=60)
    said = (await room.check(HELLO, KNOWN, {})).problems[0]
    assert said.message == "False"
    assert '"RLIMIT_FSIZE": 0' in said.code
    assert '"cpu": true' in said.code
    assert '"RLIMIT_AS": 1610612736' in said.code
    room.close()
