"""A made-up company with its customers, the same for everybody who uses the same seed."""

from engine.services.demo.filling import DemoCounts, ensure_demo, fill_demo

__all__ = ["DemoCounts", "ensure_demo", "fill_demo"]
