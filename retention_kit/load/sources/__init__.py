"""Opens a source: its columns as they are, in the engine that holds them."""
