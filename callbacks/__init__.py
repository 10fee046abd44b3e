"""One module per interaction: read the state, ask a query, return parts."""
