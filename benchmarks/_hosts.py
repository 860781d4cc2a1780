"""What hosts of open things weigh: memory and CPU of this process and of the servers under it."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from benchmarks._stack import cpu_seconds


@dataclass(frozen=True, slots=True)
class Weight:
    """CPU seconds so far and megabytes (MiB) by process: "product", "temporal", "postgres"."""

    cpu: dict[str, float]
    memory: dict[str, float]

    def cpu_since(self, before: Weight) -> dict[str, float]:
        return {name: used - before.cpu[name] for name, used in self.cpu.items()}


def weight() -> Weight:
    own = psutil.Process()
    memory = {"product": own.memory_info().rss / 2**20, "temporal": 0.0, "postgres": 0.0}
    for child in own.children(recursive=True):
        server = "temporal" if "temporal" in child.name() else "postgres"
        # shared buffers would be counted once for each backend
        found = child.memory_full_info() if server == "postgres" else child.memory_info()
        memory[server] += getattr(found, "pss", found.rss) / 2**20
    return Weight(cpu_seconds(), memory)


def told(values: dict[str, float], unit: str, digits: int = 0) -> str:
    return ", ".join(f"{name} {value:.{digits}f} {unit}" for name, value in values.items())
