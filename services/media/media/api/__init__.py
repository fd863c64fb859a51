"""The HTTP face of media: uploads and the library."""
