"""What an export is and may do. Pure."""
