"""The first page of a month: facts of the month, rules that turn them into sentences, and the page itself."""
