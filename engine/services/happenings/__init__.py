"""What contacts did and bought: looking only."""

from engine.services.happenings.asking import list_events, list_orders, show_event, show_order

__all__ = ["list_events", "list_orders", "show_event", "show_order"]
