"""The data of a run: read, validated and kept in a private workspace."""
