"""Cadenza's engine: rules decide, flows say what comes next, steps do it, effects ask the world."""
