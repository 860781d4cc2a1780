"""Dates that come and schedules that fire: who enters a flow because of the time."""
