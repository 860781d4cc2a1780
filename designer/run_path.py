"""The way a run took over the drawn flow."""

from __future__ import annotations

from engine.services.views.runs import RunPage


def path_of(run: RunPage) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """How each node was left behind (done, here, held, failed), and the exits taken."""
    nodes: dict[str, str] = {}
    taken: list[tuple[str, str]] = []
    for entry in run.entries:
        node = entry["node"]
        nodes.setdefault(node, "done")
        if entry["what"] == "moved":
            bad = entry.get("exit") == "undeliverable"
            nodes[node] = "failed" if bad else "done"
            taken.append((node, entry["exit"]))
    if run.state != "ended":
        nodes[run.node] = "held" if run.state == "held" else "here"
    return nodes, taken
