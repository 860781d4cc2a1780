"""What runs in the room: reads what is asked, answers, and never does two things at a time.

Questions come from our own process and may be anything; answers are JSON, so that nothing that
went wrong in here is run out there.
"""

from __future__ import annotations

import os
import pickle
import resource
import struct
import sys
from dataclasses import asdict
from typing import Any, BinaryIO, Final

import orjson

from engine.errors import Problem
from engine.rendering import RenderFailed, Vocabulary
from engine.rendering.problems import TemplateRefused
from engine.services.templates.assembling import assemble
from engine.services.templates.bundle import Bundle
from engine.services.templates.checking import check_bundle
from engine.services.templates.ready import made_ready, write_message
from engine.services.templates.vocabulary import Known

# Address space in all, of which the imported program takes about a third.
MEMORY_BYTES: Final = 1_536 * 1024 * 1024
# For one question; the clock on the wall is watched from outside.
PROCESSOR_SECONDS: Final = 10
OPEN_FILES: Final = 64
_LENGTH: Final = struct.Struct(">I")


def main() -> None:
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # whatever prints must not get between the answers
    os.dup2(2, 1)
    _close_the_door()
    _send(answers, b"{}")
    while (asked := _next(questions)) is not None:
        _more_time()
        _send(answers, orjson.dumps(answer(pickle.loads(asked))))  # noqa: S301 - from ourselves


def answer(asked: tuple[Any, ...]) -> dict[str, Any]:
    kind, bundle, paths, facts, *more = asked
    known = Known(Vocabulary(paths[0]), Vocabulary(paths[1]))
    if kind == "check":
        found = check_bundle(bundle, known, facts)
        return {
            "problems": _written(found.problems),
            "warnings": _written(found.warnings),
            "languages": found.languages,
            "frames": found.frames,
            "bytes": found.bytes,
        }
    return _rendered(bundle, known, facts, *more)


def _rendered(
    bundle: Bundle, known: Known, facts: dict[str, Any], language: str, zone: str, links: Any
) -> dict[str, Any]:
    made = assemble(bundle, known)
    if made.problems:
        return {"problems": _written(made.problems)}
    try:
        ready = made_ready(made, "draft")
        message = write_message(ready, facts, language=language, zone=zone, links=links)
    except TemplateRefused as refused:
        found = [Problem(bundle.name, one.code, one.message) for one in refused.problems]
        return {"problems": _written(found)}
    except RenderFailed as failed:
        return {"problems": _written([Problem(bundle.name, failed.code, failed.message)])}
    shown = asdict(message)
    return {"problems": [], "pictures": sorted(shown.pop("pictures")), "message": shown}


def _written(problems: Any) -> list[tuple[str, str, str]]:
    return [(one.place, one.code, one.message) for one in problems]


def _close_the_door() -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def _more_time() -> None:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    until = int(spent.ru_utime + spent.ru_stime) + PROCESSOR_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _next(questions: BinaryIO) -> bytes | None:
    """None when the program that asks is gone."""
    head = questions.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return questions.read(_LENGTH.unpack(head)[0])


def _send(answers: BinaryIO, data: bytes) -> None:
    answers.write(_LENGTH.pack(len(data)) + data)
    answers.flush()


if __name__ == "__main__":
    main()
