"""The flow editor: a draft drawn on a canvas, filled in beside it, and published."""
