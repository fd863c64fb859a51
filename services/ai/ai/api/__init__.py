"""The HTTP face of ai: ask for generations, see what became of them."""
