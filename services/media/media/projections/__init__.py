"""Tables of media that are read: the library, uploads in progress, objects to be removed."""
