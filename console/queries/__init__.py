"""Queries about a trace, for the pages and the checks, without HTTP or SQL."""
