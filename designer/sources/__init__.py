"""Rooms of what comes in: keys, webhooks with their mapping, forms, and what was refused."""
