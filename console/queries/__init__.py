"""What the pages and the checks are made of: queries about a trace, without HTTP or SQL."""
