"""One question a file: what can be wrong with a flow, asked of the flow alone."""
