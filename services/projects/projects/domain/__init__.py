"""What the projects service decides: catalogue, templates, projects, canvases, elements."""
