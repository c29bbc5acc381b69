"""Is this person the account holder? Asks, records, and hands out a proof."""
