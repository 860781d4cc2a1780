"""Dates that come round: yearly days in two calendars, days off, firings of a schedule."""
