"""Action lists: whom to write to, who is left alone, and what came of it."""
