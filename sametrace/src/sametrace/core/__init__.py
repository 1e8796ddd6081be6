"""What all vendors share. It knows none of them, and no SDK."""
