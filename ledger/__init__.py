"""Book of record: whom we bill, what they owe, and everything that happened."""
