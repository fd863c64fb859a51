"""What analysts read. One file each: rows, apply, query."""
