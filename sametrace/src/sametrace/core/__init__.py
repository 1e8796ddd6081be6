"""Code that all vendors share.

It imports no vendor and no SDK.
"""
