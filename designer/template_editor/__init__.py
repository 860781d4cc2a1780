"""Writing message templates: texts, preview, problems, versions, files."""
