"""The doors in process, as tests of the API have them."""

from __future__ import annotations

from tests.api.conftest import (  # noqa: F401
    address,
    app,
    client,
    parts,
    rows,
    website,
    write_key,
)
