from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_store.session import Store
from engine.errors import Refused
from engine.rules import Catalogue
from engine.rules.scoring import check_model, compile_model, from_document
from engine.services.actor import SYSTEM
from engine.services.scoring.files import check_file, read_document, save_file

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
READY = Path(__file__).parents[2] / "templates" / "scoring"


@pytest.mark.parametrize("file", sorted(READY.glob("*.yaml")), ids=lambda file: file.stem)
def test_ready_models_have_no_findings(file: Path) -> None:
    written = read_document(file.read_bytes(), file.name)
    model = compile_model(from_document(written.data), Catalogue.standard())
    assert model.model.name == file.stem
    assert check_model(model) == []
    assert model.score({"contact": {}}, NOW).total == 0


async def test_a_file_makes_a_model_and_changes_it(store: Store) -> None:
    text = (READY / "lead_score.yaml").read_text(encoding="utf-8")
    async with store.transaction() as session:
        first = await save_file(session, SYSTEM, text, "lead_score.yaml", NOW)
        again = await save_file(session, SYSTEM, text, "lead_score.yaml", NOW)
        assert (first.id, again.revision) == (again.id, 2)


async def test_mistakes_in_a_file_have_lines(store: Store) -> None:
    text = "score: a\nrules:\n  - {key: k, points: many, when: true}\n"
    async with store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await check_file(session, SYSTEM, text, "a.yaml")
    assert refused.value.problems[0].place.startswith("a.yaml:3:")
