"""What the user asks for: report.toml and its plain values, checked before anything is read."""
