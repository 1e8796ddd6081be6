"""What all vendors share. It knows no vendor and no SDK."""
