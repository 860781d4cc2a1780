"""Giving contacts, deals and tickets to people by published rules, and what waits for somebody.

`giving` is asked by steps as well, so it knows nothing of whole transactions; `rules` and `waiting`
are for those who have one.
"""
