"""What was given, opened: its columns as they are, in the engine that holds them."""
