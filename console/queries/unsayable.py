"""What a vendor's query language can't say."""


class Unsayable(Exception):
    """The vendor's language has no words for a part of the query; the message says for which."""
