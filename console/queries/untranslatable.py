"""A query that a vendor's query language can't express."""


class Untranslatable(Exception):
    """The vendor's language can't express a part of the query.

    The message names the part.
    """
