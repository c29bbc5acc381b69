"""Why a bill, a refund or a change is what it is, in sentences that rest on entries; and situations told from data."""
