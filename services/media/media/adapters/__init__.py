"""What reaches outside the process: probing of uploaded files in a child process."""
