"""The pictures of the documentation, taken of the demo company: `make screenshots`."""
