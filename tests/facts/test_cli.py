"""`cadenza rates` as typed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from engine import cli
from tests.plain_logs import plain_logs


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[None]:
    """The verb uses this test's database; the next test's logs go their own way again."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", "a secret of forty characters for tests, no more")
    root = logging.getLogger()
    level = root.level
    yield
    ours = structlog.stdlib.ProcessorFormatter
    root.handlers = [one for one in root.handlers if not isinstance(one.formatter, ours)]
    root.setLevel(level)
    plain_logs()


def test_rates_are_loaded_and_listed_and_mistakes_come_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("Currency;Day;Rate\nEUR;2026-11-20;1.0842\nEUR;2026-11-21;1.0850\n")
    assert cli.run_verb(["rates", "import", str(file)]) == cli.OK
    assert "2 rates to USD: 2 new or changed. 0 amounts converted again." in capsys.readouterr().out
    assert cli.run_verb(["rates", "list"]) == cli.OK
    listed = capsys.readouterr().out
    assert "2026-11-21" in listed
    assert "1.085" in listed
    file.write_text("day,currency\n2026-11-20,EUR\n")
    assert cli.run_verb(["rates", "import", str(file)]) == cli.REFUSED
    assert "lacks the column rate" in capsys.readouterr().err
