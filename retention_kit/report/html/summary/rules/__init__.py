"""Rules: facts of a month become sentences, one module for each question of a reader."""
