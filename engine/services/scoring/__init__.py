"""Scoring models: making them, keeping the scores of contacts right, showing why."""
