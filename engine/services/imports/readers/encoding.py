"""Which letters the bytes of a text file stand for."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from engine.errors import Refused

_BLOCK = 1024 * 1024
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Two bytes of GB 2312 level one and two: the characters in daily use.
_CHINESE_PAIR = re.compile(rb"[\xb0-\xf7][\xa1-\xfe]|[\xa1-\xa3][\xa1-\xfe]")
_HIGH = re.compile(rb"[\x80-\xff]")
# Bytes that Windows-1252 leaves undefined.
_NOT_WESTERN = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def detect_encoding(path: Path) -> str:
    """A codec name. The whole file is looked at, so that an import never stops half way for this.

    UTF-8 proves itself. Of the older encodings GB 18030 shows by its pairs of high bytes, and the
    rest is taken for Windows-1252, whose accented letters stand alone between plain ones.
    """
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    if b"\x00" in head:
        return _sixteen_bits(head, path)
    block = _first_not_utf8(path)
    if block is None:
        return "utf-8"
    return _older(block, path)


def known_encoding(name: str) -> str:
    """The codec of a name somebody wrote; refuses unknown ones and codecs that are not text."""
    try:
        info = codecs.lookup(name)
    except LookupError:
        info = None
    if info is None or not getattr(info, "_is_text_encoding", True):
        raise Refused(
            f'"{name}" is not a text encoding. Known are such as utf-8, utf-16, gb18030, '
            "windows-1252, shift_jis."
        )
    return "utf-8-sig" if info.name == "utf-8" else info.name


def _sixteen_bits(head: bytes, path: Path) -> str:
    """Latin text in UTF-16 has a NUL in every second byte; other files with NULs are no text."""
    sample = head[:4096]
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.05:
        return "utf-16-be"
    raise Refused(f"{path.name} is not a text file (it holds NUL bytes). Save it as CSV or XLSX.")


def _first_not_utf8(path: Path) -> bytes | None:
    """The first block that is not UTF-8; None when all of it is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if b"\x00" in block:
                raise Refused(f"{path.name} is not a text file: it holds NUL bytes.")
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return block
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return block or b"\xff"
    return None


def _older(block: bytes, path: Path) -> str:
    high = len(_HIGH.findall(block))
    paired = 2 * len(_CHINESE_PAIR.findall(block))
    if high and paired / high > 0.85:
        return "gb18030"
    if not _NOT_WESTERN.search(block):
        return "windows-1252"
    raise Refused(
        f"{path.name} is neither UTF-8 nor another encoding that can be told from its bytes. Name "
        'it in the mapping, for example "encoding: shift_jis", or save the file as UTF-8.'
    )
