"""Composition root: settings, URLs, the schedule, and the screens and APIs that span the apps."""
