"""What the pages and the checks are made of: the questions asked of a trace, without HTTP or SQL."""
