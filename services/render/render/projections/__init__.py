"""The service's own tables, one file for each."""
