"""Situations customers ask about, each recognised from the data of an account, with words for customer and agent."""
