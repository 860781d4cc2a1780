"""Fixtures for tests of the ground alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from tests.plain_logs import plain_logs


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """For tests that send logs our way: the next test's go its own way again."""
    root = logging.getLogger()
    level = root.level
    yield
    ours = structlog.stdlib.ProcessorFormatter
    root.handlers = [one for one in root.handlers if not isinstance(one.formatter, ours)]
    root.setLevel(level)
    plain_logs()
