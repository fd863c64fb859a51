"""Read models: rows, what moves them, and the queries on them."""
