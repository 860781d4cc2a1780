"""The rooms of those who run Cadenza: health, channels, who gets nothing, fields of their own."""
