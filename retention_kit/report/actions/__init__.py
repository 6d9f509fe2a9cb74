"""Action lists: which customers to contact, which to leave alone, and what came of it."""
