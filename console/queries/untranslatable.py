"""A query that a vendor's query language can't express."""


class Untranslatable(Exception):
    """A part of a query that the vendor's language can't express.

    The message names the part.
    """
