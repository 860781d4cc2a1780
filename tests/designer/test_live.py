from __future__ import annotations

import asyncio

import pytest

from designer.live import MOST_KEPT, Pulses


async def test_many_who_look_at_once_ask_once() -> None:
    asked = 0

    async def question() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return asked

    pulses = Pulses()
    answers = await asyncio.gather(*(pulses.ask("flows", question) for _ in range(50)))
    assert set(answers) == {1}


async def test_a_question_that_failed_is_asked_again() -> None:
    async def broken() -> int:
        raise OSError("no database")

    async def fine() -> int:
        return 7

    pulses = Pulses()
    with pytest.raises(OSError, match="no database"):
        await pulses.ask("flows", broken)
    assert await pulses.ask("flows", fine) == 7


async def test_answers_are_asked_anew_after_a_change() -> None:
    count = 0

    async def question() -> int:
        return count

    pulses = Pulses()
    assert await pulses.ask("flows", question) == 0
    count = 1
    assert await pulses.ask("flows", question) == 0
    pulses.clear()
    assert await pulses.ask("flows", question) == 1


async def test_old_questions_are_forgotten() -> None:
    async def question() -> int:
        return 1

    pulses = Pulses()
    for search in range(MOST_KEPT + 10):
        await pulses.ask(("contacts", search), question)
    assert len(pulses._answers) == MOST_KEPT
    assert len(pulses._asking) == MOST_KEPT
