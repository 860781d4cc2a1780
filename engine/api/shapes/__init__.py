"""What goes in and out of the API, as its description shows it."""
