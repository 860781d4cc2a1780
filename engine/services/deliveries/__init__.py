"""Deliveries of webhooks: handed over by a driver, logged, sent again."""

from engine.services.deliveries.handing_over import Delivering
from engine.services.deliveries.log import (
    DeliveryPage,
    SeenDelivery,
    list_deliveries,
    see_delivery,
    send_deliveries_again,
    send_missed,
    send_since_again,
)

__all__ = [
    "Delivering",
    "DeliveryPage",
    "SeenDelivery",
    "list_deliveries",
    "see_delivery",
    "send_deliveries_again",
    "send_missed",
    "send_since_again",
]
