"""What the service needs from outside: the job's process, and the progress topic."""
