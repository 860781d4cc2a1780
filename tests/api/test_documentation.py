"""The examples in docs/api.md, carried out as they are written."""

from __future__ import annotations

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crm_store.session import Store
from tests.api.test_permissions_by_route import OPERATIONS
from tests.api.trial_flow import publish_trial
from tests.clock import Clock

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(sh|json)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ANYTHING = "..."


def examples() -> list[tuple[list[list[str]], Any]]:
    """The curl commands of each block, with the answer that the page shows for the last one."""
    found = []
    for (kind, text), (next_kind, answer) in pairwise(BLOCKS):
        commands = [words for words in commands_in(text) if words[0] == "curl"]
        if kind == "sh" and next_kind == "json" and commands:
            found.append((commands, json.loads(answer)))
    return found


def commands_in(block: str) -> list[list[str]]:
    words = shlex.split(block, comments=True)
    starts = [index for index, word in enumerate(words) if word in ("curl", "cadenza")]
    return [words[begin:end] for begin, end in pairwise([*starts, len(words)])]


async def carried_out(client: httpx2.AsyncClient, command: list[str], key: str) -> httpx2.Response:
    method, path, body, headers = "", "", None, {}
    words = iter(command[1:])
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value.replace("$KEY", key)
            case "-d":
                body = next(words)
            case _:
                path = word.removeprefix("$CADENZA")
    # what curl sends with -d unless it is told otherwise
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = method or ("GET" if body is None else "POST")
    return await client.request(method, path, content=body, headers=headers)


def differences(shown: Any, got: Any, place: str = "") -> list[str]:
    """Where the answer is not what the page shows; the page may leave members out."""
    if shown == ANYTHING:
        return []
    if isinstance(shown, dict) and isinstance(got, dict):
        return [
            found
            for name, value in shown.items()
            for found in differences(value, got.get(name), f"{place}/{name}")
        ]
    if isinstance(shown, list) and isinstance(got, list) and len(shown) == len(got):
        pairs = enumerate(zip(shown, got, strict=True))
        return [
            found
            for index, (one, other) in pairs
            for found in differences(one, other, f"{place}/{index}")
        ]
    return [] if shown == got else [f"{place}: the page shows {shown!r}, the answer has {got!r}"]


async def test_every_example_gives_the_answer_that_is_shown(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    await publish_trial(store, clock)
    key = api.headers.pop("authorization").removeprefix("Bearer ")
    for commands, shown in examples():
        for command in commands:
            answer = await carried_out(api, command, key)
        assert differences(shown, answer.json()) == [], (commands[-1], answer.text)
    assert len(examples()) >= 9


NAMES = (
    "sg|vips|press|trial|offer|spring|words|terms|news|tips|leads|sales|night|escalation_policy|low"
    "|billing|still|waiting|clicks|field_history"
)
# whatever a part of a path is called, in braces
PATHS = re.sub(r"\{\w+\}", "{}", PAGE)


@pytest.mark.parametrize("what", OPERATIONS, ids=lambda one: one.id)
def test_every_operation_is_on_the_page(what: Any) -> None:
    path = re.sub(rf"/({NAMES}|\d+)(?=/|$)", "/{}", what.path.partition("?")[0])
    shortened = path.replace("/api/segments/{}/members/remove", ".../members/remove")
    shown = (path, shortened, path.removeprefix("/api/rules/"))
    assert any(re.search(re.escape(one) + r"(?![\w/{])", PATHS) for one in shown), path
