"""Translate HTTP to service calls and back.

Each module exports `bp`.
"""
