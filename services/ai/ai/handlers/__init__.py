"""One function per command of ai."""
