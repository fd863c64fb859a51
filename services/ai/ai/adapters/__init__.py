"""What makes texts and images: one protocol per kind, one file per provider."""
