"""The journal for other programs: plain-text accounting and SAF-T."""
