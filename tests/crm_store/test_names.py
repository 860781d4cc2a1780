"""Names are sorted and searched as they are said."""

from __future__ import annotations

import pytest

from crm_store.names import contact_name_key


@pytest.mark.parametrize(
    ("first", "last", "email", "key"),
    [
        ("Ada", "BYRON", "x@example.com", "ada byron"),
        ("伟", "王", None, "王伟"),
        ("葵", "佐藤", None, "佐藤葵"),
        (None, "王", None, "王"),
        (None, "Straße", None, "strasse"),
        (None, None, "Ada@Example.com", "ada@example.com"),
        (None, None, None, ""),
    ],
)
def test_a_name_is_kept_as_it_is_said(
    first: str | None, last: str | None, email: str | None, key: str
) -> None:
    assert contact_name_key(first, last, email) == key
