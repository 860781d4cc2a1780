"""Teams, who reports to whom, what people can do, and when they are away."""
