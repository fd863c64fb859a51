"""The service over HTTP; paths equal the public ones."""
