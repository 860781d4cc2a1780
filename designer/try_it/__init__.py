"""Trying a flow on a virtual clock: what is asked, what is told, and how both are drawn."""
