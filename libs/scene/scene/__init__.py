"""A canvas document at time t as a display list; layout between formats; text measuring. Pure."""
