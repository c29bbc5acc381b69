"""Conversations with customers, the queues agents work, and the clocks they work against."""
