"""The committed canvas bundle, without Node."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import designer

FRONTEND = Path(designer.__file__).parent / "frontend"
CANVAS = Path(designer.__file__).parent / "components" / "flow_canvas"
BUNDLE = CANVAS / "dist" / "index.js"


def test_the_bundle_was_built_from_this_source() -> None:
    """When this fails: `npm ci && npm run build` in designer/frontend."""
    digest = hashlib.sha256()
    files = ["package-lock.json", "vite.config.js"]
    files += [f"src/{path.name}" for path in sorted((FRONTEND / "src").iterdir())]
    for name in files:
        digest.update((FRONTEND / name).read_bytes())
    first_line = BUNDLE.read_text(encoding="utf-8").splitlines()[0]
    assert f"source {digest.hexdigest()} " in first_line


def test_the_bundle_leaves_vue_to_the_page_and_fetches_nothing() -> None:
    text = BUNDLE.read_text(encoding="utf-8")
    assert 'from"vue"' in text.replace(" ", "")
    assert "process.env" not in text
    assert "cdn." not in text


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_every_bundled_package_has_its_licence_kept() -> None:
    kept = (CANVAS / "THIRD_PARTY.md").read_text(encoding="utf-8")
    bundled = ["@dagrejs/dagre", "@vue-flow/core", "@vue-flow/background", "@vue-flow/minimap"]
    bundled += ["@vueuse/core", "d3-zoom", "d3-drag", "d3-selection", "d3-interpolate"]
    assert [name for name in bundled if name not in kept] == []
