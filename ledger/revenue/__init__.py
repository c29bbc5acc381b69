"""What comes back every month: recurring revenue, how it moved, and how much of it stays."""
