"""What commands need from outside the domain: queries, the frozen documents' store."""
