"""What a generation is: asked for, made, refused, used. No provider is known here."""
