"""Text and image generations behind one protocol per kind of provider."""
