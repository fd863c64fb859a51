"""What web clients talk to: sessions, routing, live feed, one OpenAPI document."""
