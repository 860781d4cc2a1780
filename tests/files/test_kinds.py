"""What may travel with a letter is told by its declaration and by its bytes."""

from __future__ import annotations

import pytest

from engine.services.files import kinds
from engine.services.files.kinds import KINDS, declared_type, problems_of, type_of_name
from tests.files import samples

GOOD = {
    "application/pdf": samples.PDF,
    "image/png": samples.PNG,
    "image/jpeg": samples.JPEG,
    "image/gif": samples.GIF,
    "image/webp": samples.WEBP,
    "text/plain": "Grüße, 你好\n".encode(),
    "text/csv": b"\xef\xbb\xbfname,city\nAda,London\n",
    "text/calendar": samples.ICS,
    kinds.DOCX: samples.DOCX,
    kinds.XLSX: samples.XLSX,
}


def test_every_kind_has_a_sample() -> None:
    assert set(GOOD) == set(KINDS)


@pytest.mark.parametrize("declared", sorted(GOOD))
def test_what_is_what_it_says_is_taken(declared: str) -> None:
    assert problems_of(declared, GOOD[declared]) == []


@pytest.mark.parametrize(
    ("declared", "content", "code"),
    [
        ("image/svg+xml", samples.SVG, "type_not_taken"),
        ("text/html", samples.HTML, "type_not_taken"),
        ("application/javascript", b"alert(1)", "type_not_taken"),
        ("application/zip", samples.plain_zip(), "type_not_taken"),
        ("application/x-msdownload", samples.EXE, "type_not_taken"),
        ("application/octet-stream", samples.PDF, "type_not_taken"),
        ("", samples.PDF, "type_not_taken"),
        ("image/png", samples.PDF, "other_type"),
        ("application/pdf", samples.PNG, "other_type"),
        ("text/calendar", b"just words", "other_type"),
        ("image/png", samples.SVG, "not_of_type"),
        ("image/png", samples.EXE, "not_of_type"),
        ("text/plain", samples.HTML, "not_of_type"),
        ("text/plain", b"\xef\xbb\xbf  " + samples.SVG, "not_of_type"),
        ("text/csv", b"#!/bin/sh\nrm -rf /", "not_of_type"),
        ("text/plain", b"one\x00two", "not_of_type"),
        ("text/plain", b"\xff\xfe\x00", "not_of_type"),
        (kinds.DOCX, samples.plain_zip(), "not_of_type"),
        (kinds.XLSX, samples.DOCX, "other_type"),
        (kinds.DOCX, samples.office("word/document.xml", "word/vbaProject.bin"), "not_of_type"),
        (
            kinds.XLSX,
            samples.office("xl/workbook.xml", types=b"<Types>macroEnabled</Types>"),
            "not_of_type",
        ),
        (kinds.DOCX, b"PK\x03\x04 and nothing more", "not_of_type"),
        (kinds.DOCX, samples.EXE + samples.DOCX, "not_of_type"),
        ("application/pdf", b"", "empty"),
    ],
)
def test_what_is_not_is_refused_with_the_reason(declared: str, content: bytes, code: str) -> None:
    assert [problem.code for problem in problems_of(declared, content)] == [code]


def stuffed() -> bytes:
    more = (*(f"word/{number}.xml" for number in range(5_000)), "word/vbaProject.bin")
    return samples.office("word/document.xml", *more)


@pytest.mark.parametrize(
    "content",
    [
        stuffed(),
        samples.office("word/document.xml", types="<a>macroEnabled</a>".encode("utf-16")),
        samples.office("word/document.xml", types="<a>macroEnabled</a>".encode("utf-16-le")),
        samples.office("word/document.xml", types=b"<a t='macro&#69;nabled'/>"),
        samples.office("word/document.xml", types=b"<?xml encoding='utf-7'?><a/>"),
    ],
    ids=["behind thousands", "utf-16", "utf-16 without a mark", "written by number", "utf-7"],
)
def test_macros_do_not_hide(content: bytes) -> None:
    assert [problem.code for problem in problems_of(kinds.DOCX, content)] == ["not_of_type"]


def test_a_damaged_document_is_refused() -> None:
    types = b"<Types>" + bytes(range(32, 127)) * 3 + b"</Types>"
    whole = samples.office("word/document.xml", types=types)
    begins = whole.index(b"[Content_Types].xml") + len(b"[Content_Types].xml")
    found: set[str] = set()
    for at in range(begins, begins + 40):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        found.update(problem.code for problem in problems_of(kinds.DOCX, bytes(damaged)))
    assert found == {"not_of_type"}


def test_a_declaration_is_read_without_its_parameters() -> None:
    assert declared_type('Text/CSV; charset="utf-8"') == "text/csv"
    assert declared_type("image/jpg") == "image/jpeg"


def test_extensions_stand_for_types() -> None:
    assert type_of_name("Terms and Conditions.PDF") == "application/pdf"
    assert type_of_name("run.exe") is None
    assert type_of_name("nothing") is None
