"""What the product tells about itself: log lines, counts, traces. Knows nothing of the product."""
