"""Import of customers, prices, subscriptions and open invoices from the files of another system."""
