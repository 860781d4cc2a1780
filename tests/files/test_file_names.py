"""The name a reader sees is text, and nothing that a program could trip over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.services.files.file_names import LONGEST_BYTES, LONGEST_CHARACTERS, named_for, safe_name


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Terms 2026.pdf", "Terms 2026.pdf"),
        ("条款.pdf", "条款.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ben\\offer.pdf", "offer.pdf"),
        ("of\r\nfer\t1.pdf", "of fer 1.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth\ufeff.pdf", "zerowidth.pdf"),
        ('a"b<c>|?*.pdf', "a_b_c____.pdf"),
        ("  .hidden.pdf. ", "hidden.pdf"),
        ("con.pdf", "kept.pdf"),
        ("///", "kept.pdf"),
        ("\u202e\u202d", "kept.pdf"),
    ],
)
def test_names_are_cleaned(written: str, shown: str) -> None:
    assert safe_name(written, "kept.pdf") == shown


def test_a_missing_extension_is_added_and_a_wrong_one_refused() -> None:
    assert named_for("Offer v1.2", "offer.pdf", "application/pdf") == ("Offer v1.2.pdf", [])
    assert named_for("Photo.JPEG", "photo.jpg", "image/jpeg") == ("Photo.JPEG", [])
    _, problems = named_for("offer.exe", "offer.pdf", "application/pdf")
    assert [problem.code for problem in problems] == ["other_extension"]


def test_long_names_keep_their_extension() -> None:
    name, _ = named_for("长" * 300 + ".pdf", "offer.pdf", "application/pdf")
    assert name.endswith("长.pdf")
    assert len(name) <= LONGEST_CHARACTERS
    assert len(name.encode()) <= LONGEST_BYTES


@given(st.text(max_size=300))
def test_no_text_makes_a_dangerous_name(written: str) -> None:
    name = safe_name(written, "kept.pdf")
    assert name
    assert name == name.strip(" .")
    assert name.isprintable()
    assert not set(name) & set('/\\<>:"|?*;')
    assert len(name.encode()) <= LONGEST_BYTES
