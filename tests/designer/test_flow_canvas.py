"""What the canvas sends: handed on once, and kept by the browser until it was dealt with."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from nicegui import ui

from designer.components.flow_canvas import FlowCanvas
from designer.flow_graph import Graph, GraphNode
from designer.i18n import translator
from tests.designer.conftest import Visit

GRAPH = Graph("draft", (GraphNode("wait", "step", "Wait", "Wait", "", "mail", "#000000", ()),), ())


@dataclass
class Page:
    """A page with a canvas on it. `taken` is what its handlers got, `said` what they answer."""

    visit: Visit
    taken: list[Any] = field(default_factory=list)
    said: Any = None
    answers: asyncio.Queue[tuple[str, Any]] = field(default_factory=asyncio.Queue)

    async def opened(self) -> None:
        answers = self.answers

        class Watched(FlowCanvas):
            def run_method(self, name: str, *args: Any, timeout: float = 1) -> Any:
                answers.put_nowait((name, args[0]))

        async def take(given: Any) -> Any:
            self.taken.append(given)
            return self.said

        @ui.page("/a-canvas")
        def canvas() -> None:
            Watched(
                GRAPH, translator("en"), editable=True, on_ops=take, on_select=self.taken.append
            )

        await self.visit.user.open("/a-canvas")
        await self.visit.user.should_see(FlowCanvas)

    def send(self, event: str, value: Any) -> None:
        self.visit.user.find(FlowCanvas).trigger(event, value)

    async def answer_to(self, batch: str) -> str:
        self.send("ops", {"batch": batch})
        name, about = await asyncio.wait_for(self.answers.get(), 20)
        assert about == batch
        return name


@pytest.fixture
async def page(visit: Visit) -> Page:
    page = Page(visit)
    await page.opened()
    return page


async def test_what_comes_twice_is_done_once_and_answered_twice(page: Page) -> None:
    batch = str(uuid.uuid4())
    assert [await page.answer_to(batch), await page.answer_to(batch)] == ["received", "received"]
    assert page.taken == [{"batch": batch}]


async def test_what_was_not_taken_stays_with_the_browser_and_may_come_again(page: Page) -> None:
    batch = str(uuid.uuid4())
    page.said = False
    assert await page.answer_to(batch) == "kept"
    page.said = True
    assert await page.answer_to(batch) == "received"
    assert page.taken == [{"batch": batch}] * 2


async def test_only_steps_of_the_drawing_can_be_chosen(page: Page) -> None:
    page.send("select", {"nodes": ["wait", "made up", 7]})
    page.send("select", {"nodes": "wait"})
    page.send("select", ["wait"])
    page.send("ops", ["not a batch"])
    batch = str(uuid.uuid4())
    await page.answer_to(batch)
    assert page.taken == [["wait"], {"batch": batch}]
