"""Calendars of working hours: reading and writing them, and handing them to plans."""
