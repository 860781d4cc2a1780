"""The rooms of segments: saved rules with everybody they hold for, and lists kept by hand."""
