"""A month of the books: what it earned, what is wrong with it, and its close."""
