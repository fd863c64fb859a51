"""What a file of a user is, and when it may change."""
