"""HTTP in, HTTP out. Each module exports `bp`."""
