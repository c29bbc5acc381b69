"""The demo company: Nordlicht GmbH and a year of its life, told through the product's own operations."""
