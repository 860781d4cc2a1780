"""Dashboards: what campaigns, messages and tickets come to, and what is going to be sent."""
