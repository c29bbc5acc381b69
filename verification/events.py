"""The event kinds verification records."""

CHECK_STARTED = "identity.check_started"
CODE_SENT = "identity.code_sent"
IDENTITY_VERIFIED = "identity.verified"
ANSWER_WRONG = "identity.answer_wrong"
CHECK_LOCKED = "identity.locked"
CHECK_EXPIRED = "identity.expired"
