from __future__ import annotations

import pytest

from crm_store.session import Store
from tests.deals.house import SIMPLE, House, opened


@pytest.fixture
async def bare(store: Store) -> House:
    """A company without any pipeline."""
    return await opened(store)


@pytest.fixture
async def house(bare: House) -> House:
    await bare.publish(SIMPLE)
    return bare
