"""Mock data for the feeds, until there is a database.

Each function depends only on its arguments. `now` is an aware datetime. Times in the responses are ISO 8601 strings
with an offset.
"""
