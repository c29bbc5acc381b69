"""Everything that runs by the clock, in one table. Each task is safe to run twice and catches up after a pause."""

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, object]] = {
    "run reactions nobody ran": {"task": "ledger.tasks.run_due_reactions", "schedule": 2.0},
    "send messages that are due": {"task": "notifications.tasks.deliver_due_messages", "schedule": 5.0},
    "deliver webhooks that are due": {"task": "billing_desk.api.tasks.deliver_due_webhooks", "schedule": 5.0},
    "poll the mailboxes": {"task": "tickets.tasks.poll_mailboxes", "schedule": 10.0},
    "pay approved refunds": {"task": "ledger.tasks.pay_due_refunds", "schedule": 20.0},
    "ask about refunds near their promised day": {"task": "ledger.tasks.watch_refunds", "schedule": crontab(minute=25)},
    "go on with corrections": {"task": "ledger.tasks.run_corrections", "schedule": 30.0},
    "charge what is due": {"task": "ledger.tasks.collect_due_invoices", "schedule": crontab(minute=12)},
    "ask about payments without an answer": {"task": "ledger.tasks.resolve_unknown_attempts", "schedule": 30.0},
    "seal the audit trail": {"task": "ledger.tasks.seal_events", "schedule": 10.0},
    "seal the books and fold balances": {"task": "ledger.tasks.seal_entries", "schedule": 10.0},
    "notice missed promises of time": {"task": "tickets.tasks.check_clocks", "schedule": 30.0},
    "notice broken promises": {"task": "tickets.tasks.break_overdue_promises", "schedule": 300.0},
    "note confirmed disputes": {"task": "tickets.tasks.acknowledge_disputes", "schedule": 60.0},
    "watch the clocks of disputes": {"task": "ledger.tasks.watch_disputes", "schedule": crontab(minute=22)},
    "close stale tickets": {"task": "tickets.tasks.close_stale_tickets", "schedule": crontab(minute=17)},
    "lapse old identity checks": {"task": "verification.tasks.expire_checks", "schedule": 60.0},
    # Hourly, because it is midnight somewhere every hour: each run does what is due and nothing twice.
    "run billing": {"task": "ledger.tasks.run_billing", "schedule": crontab(minute=5)},
    "go on with billing whose worker died": {"task": "ledger.tasks.resume_billing", "schedule": 30.0},
    "charge instalments and keep payment plans": {"task": "ledger.tasks.keep_plans", "schedule": crontab(minute=20)},
    "go on with imports whose worker died": {"task": "ledger.tasks.resume_imports", "schedule": 30.0},
    "look again at hardship": {"task": "ledger.tasks.note_hardship_reviews", "schedule": crontab(hour=6, minute=20)},
    "lapse offers and end agreements": {"task": "ledger.tasks.keep_agreements", "schedule": crontab(minute=2)},
    "try declined payments again": {"task": "ledger.tasks.run_due_retries", "schedule": 60.0},
    "tell of cards that expire": {
        "task": "notifications.tasks.send_card_expiry_notices",
        "schedule": crontab(minute=50),
    },
    "send renewal notices": {"task": "notifications.tasks.send_renewal_notices", "schedule": crontab(minute=35)},
    "close promises, climb the ladders": {"task": "ledger.tasks.run_dunning", "schedule": crontab(hour=9, minute=15)},
    "bring access in line with the calendar": {"task": "ledger.tasks.review_access", "schedule": crontab(minute=25)},
    "prepare the month before": {"task": "ledger.tasks.prepare_month", "schedule": crontab(hour=2, minute=10)},
    "publish the seal of the books": {"task": "ledger.tasks.publish_head", "schedule": crontab(hour=2, minute=40)},
    "close yesterday's balances": {"task": "ledger.tasks.close_days", "schedule": crontab(hour=1, minute=10)},
}
