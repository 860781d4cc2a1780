"""The shape of the repository: what may import what, how long a file may be, what it may name."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "designer", "crm_store")
LONGEST_FILE = 450
# Written by tools or brought along. A migration is a record of what was done, whatever its length.
NOT_OURS = ("designer/static/", "designer/frontend/", "crm_store/migrations/versions/")
# Spelled in pieces, so that this file passes its own test.
NOT_NAMED = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry." + "npmjs",
    "--index" + "-url",
    "extra-index" + "-url",
    "/ro" + "ot/",
    "/wo" + "rk/",
    "/tmp/br" + "ief",
)


def tracked() -> Iterator[Path]:
    """What is, or would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if name and path.is_file():
            yield path


def ours() -> Iterator[Path]:
    for path in tracked():
        if not str(path.relative_to(ROOT)).startswith(NOT_OURS):
            yield path


def test_imports_point_one_way() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_no_file_is_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in ours()
        if path.suffix == ".py"
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_registry_and_no_machine_is_named() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".png", ".svg", ".woff2", ".ico", ".js", ".xlsx", ".gz"}:
            continue
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in NOT_NAMED if word in text]
    assert found == []


def test_every_module_says_what_it_is() -> None:
    mute = [
        str(path.relative_to(ROOT))
        for path in ours()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in PACKAGES
        and path.stat().st_size
        and not re.match(r'\s*(#.*\n)*r?"""', path.read_text())
    ]
    assert mute == []


def test_every_pinned_package_has_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        pins = re.findall(r"^([\w.\[\]-]+)==(.*)$", (ROOT / name).read_text(), re.M)
        assert pins
        assert [package for package, rest in pins if not rest.rstrip().endswith("\\")] == []
