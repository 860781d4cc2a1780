"""Importing in tests: a file from text, an import with its report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.imports import ImportOrder, ImportReport, import_file, parse_mapping
from tests.clock import Clock

SHIPPED = Path(__file__).parents[2] / "templates" / "imports"


class Import(Protocol):
    def __call__(
        self,
        content: str | bytes | Path,
        kind: str = "contacts",
        mapping: str | None = None,
        **more: Any,
    ) -> Awaitable[ImportReport]: ...


@pytest.fixture
def do_import(store: Store, clock: Clock, tmp_path: Path) -> Import:
    """`content` is a file's text, bytes or path; `mapping` is YAML without the "as:" line."""

    async def run(
        content: str | bytes | Path,
        kind: str = "contacts",
        mapping: str | None = None,
        **more: Any,
    ) -> ImportReport:
        path = content if isinstance(content, Path) else tmp_path / "input.csv"
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        read = parse_mapping(f"as: {kind}\n{mapping}", name="map.yaml") if mapping else None
        order = ImportOrder(path, kind, read, rejects=tmp_path / "rejects.csv", **more)
        return await import_file(store, SYSTEM, order, clock.now)

    return run


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
