"""The `multicanvas` command: up, down, demo, doctor, events, rebuild."""
