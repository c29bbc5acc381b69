"""The file of a case, taken out of the house: everything about one conversation, to read and to check without us."""
