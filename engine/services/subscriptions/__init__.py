"""Webhook subscriptions: systems that are told what happens, as they asked."""

from crm_store.webhook_subscriptions import SubscriptionRow
from engine.services.subscriptions.asked import TEST_TYPE, AskedSubscription
from engine.services.subscriptions.keeping import (
    MOST_COUNTED,
    USUAL_OVERLAP,
    KnownSubscription,
    NewSubscription,
    asked_of,
    change_subscription,
    create_subscription,
    disable_subscription,
    enable_subscription,
    list_subscriptions,
    remove_subscription,
    rotate_secret,
    see_subscription,
    test_subscription,
)

__all__ = [
    "MOST_COUNTED",
    "TEST_TYPE",
    "USUAL_OVERLAP",
    "AskedSubscription",
    "KnownSubscription",
    "NewSubscription",
    "SubscriptionRow",
    "asked_of",
    "change_subscription",
    "create_subscription",
    "disable_subscription",
    "enable_subscription",
    "list_subscriptions",
    "remove_subscription",
    "rotate_secret",
    "see_subscription",
    "test_subscription",
]
