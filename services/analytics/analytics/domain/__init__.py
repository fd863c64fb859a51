"""What analytics itself decides: which activities of a client are recorded."""
