"""Uploads, probing, thumbnails and signed URLs of users' files."""
