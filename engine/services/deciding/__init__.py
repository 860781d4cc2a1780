"""Answering what steps ask of our own records: who owns, which stage, who may enter.

A question is answered in the transaction that moves its run, many at once. The ledger asks twice:
first for entries into other flows, as runs are locked before contacts are changed, then, with the
contacts held, for everything else. See `answers` for all kinds.
"""
