"""Mock data for the feeds until there is a database: pure functions of `now`, an aware datetime.

Times in the responses are ISO 8601 strings with an offset.
"""
