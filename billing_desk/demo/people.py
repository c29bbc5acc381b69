"""Who can sign in to the demo. seed_demo makes these users, `manage.py dev` prints them."""

#: One and the same for all: the demo listens on this machine only.
DEMO_SIGN_IN_WORD = "nordlicht-demo-2026"

#: Role in the demo, user name, password.
SIGN_INS: tuple[tuple[str, str, str], ...] = (
    ("agent", "mia", DEMO_SIGN_IN_WORD),
    ("senior agent", "noe", DEMO_SIGN_IN_WORD),
    ("supervisor", "pia", DEMO_SIGN_IN_WORD),
    ("finance", "olg", DEMO_SIGN_IN_WORD),
    ("trainee", "qui", DEMO_SIGN_IN_WORD),
)
