import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.db import migrations, models

from ledger import migrating


class Migration(migrating.Migration):
    dependencies = [
        ("ledger", "0004_catalogue"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "price_minor",
                    models.BigIntegerField(help_text="Of one unit, or of a period where the price is flat", null=True),
                ),
                (
                    "percent",
                    models.DecimalField(decimal_places=6, help_text="Off the list price", max_digits=9, null=True),
                ),
                ("starts_on", models.DateField(help_text="The billing day from which it holds")),
                ("ends_on", models.DateField(help_text="The first day after its term; empty: no end", null=True)),
                (
                    "renews_months",
                    models.PositiveSmallIntegerField(default=0, help_text="By how much its term goes on; 0: it ends"),
                ),
                ("notice_days", models.PositiveSmallIntegerField(default=0)),
                (
                    "earliest_on",
                    models.DateField(help_text="From when the customer could have had other terms by right"),
                ),
                ("language", models.CharField(max_length=12)),
                ("wording", models.TextField()),
                ("wording_hash", models.CharField(help_text="SHA-256 of the wording", max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting_approval", "waiting for approval"),
                            ("proposed", "Proposed"),
                            ("offered", "Offered"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("lapsed", "Lapsed"),
                            ("superseded", "Superseded"),
                            ("ended", "Ended"),
                        ],
                        default="proposed",
                        max_length=16,
                    ),
                ),
                (
                    "worth_minor",
                    models.BigIntegerField(help_text="What it gives away over its term, by which authority is decided"),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "conversation",
                    models.CharField(
                        blank=True, default="", help_text="Where it was spoken of, ticket:9", max_length=60
                    ),
                ),
                ("requested_by", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("approved_by", models.CharField(blank=True, default="", max_length=80)),
                ("approved_at", models.DateTimeField(null=True)),
                ("offered_by", models.CharField(blank=True, default="", max_length=80)),
                ("offered_at", models.DateTimeField(null=True)),
                (
                    "open_until",
                    models.DateField(help_text="The last day on which the offer can be accepted", null=True),
                ),
                ("accepted_at", models.DateTimeField(null=True)),
                (
                    "until_on",
                    models.DateField(help_text="The first day on which it does not count any more", null=True),
                ),
                ("closed_by", models.CharField(blank=True, default="", max_length=80)),
                ("closed_at", models.DateTimeField(null=True)),
                ("close_reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agreements", to="ledger.customer"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agreements", to="ledger.product"
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="ledger.agreement",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agreements", to="ledger.subscription"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "offered")), fields=["open_until", "id"], name="agreement_lapsing"
                    ),
                    models.Index(
                        condition=models.Q(("state", "accepted")), fields=["ends_on", "id"], name="agreement_ending"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting_approval", "proposed", "offered", "accepted"]),
                            ("state__in", ["declined", "lapsed", "superseded", "ended"]),
                            _connector="OR",
                        ),
                        name="agreement_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_minor", None), ("percent", None), _connector="OR"),
                        name="agreement_says_one_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_minor", None), ("price_minor__gte", 0), _connector="OR"),
                        name="agreement_price_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent", None), models.Q(("percent__gt", 0), ("percent__lte", 100)), _connector="OR"
                        ),
                        name="agreement_percentage_up_to_100",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gt", models.F("starts_on")), _connector="OR"),
                        name="agreement_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("renews_months", 0), ("ends_on__isnull", False), _connector="OR"),
                        name="agreement_renews_only_with_a_term",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("worth_minor__gte", 0)), name="agreement_worth_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", ""),
                            models.Q(("approved_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="agreement_approved_by_someone_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting_approval", "declined"]),
                            models.Q(("approved_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="agreement_offered_only_when_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["accepted", "superseded", "ended"]), _negated=True),
                            ("accepted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="agreement_counts_only_when_accepted",
                    ),
                    models.UniqueConstraint(fields=("subscription", "version"), name="one_agreement_per_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "accepted")),
                        fields=("subscription",),
                        name="one_accepted_agreement_per_subscription",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting_approval", "proposed", "offered"])),
                        fields=("subscription",),
                        name="one_open_amendment_per_subscription",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("accepted_by", models.CharField(help_text="The person, as they are known", max_length=200)),
                (
                    "channel",
                    models.CharField(
                        choices=[("portal", "Portal"), ("email", "e-mail"), ("phone", "Phone"), ("letter", "Letter")],
                        max_length=6,
                    ),
                ),
                ("language", models.CharField(max_length=12)),
                ("wording_hash", models.CharField(max_length=64)),
                (
                    "proof_reference",
                    models.CharField(blank=True, default="", help_text="How they were known, check:7", max_length=60),
                ),
                ("ip_address", models.GenericIPAddressField(null=True)),
                ("user_agent", models.CharField(blank=True, default="", max_length=300)),
                ("accepted_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=80)),
                (
                    "agreement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="acceptance", to="ledger.agreement"
                    ),
                ),
                (
                    "contact_point",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accepted",
                        to="ledger.contactpoint",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["portal", "email", "phone", "letter"])),
                        name="acceptance_channel_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel", "portal"), models.Q(("proof_reference", ""), _negated=True), _connector="OR"
                        ),
                        name="acceptance_elsewhere_is_proved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BillingRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "as_of",
                    models.DateTimeField(help_text="Billed is what has begun by this moment where the customer lives"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("finished", "Finished"), ("abandoned", "Abandoned")],
                        default="running",
                        max_length=9,
                    ),
                ),
                ("started_by", models.CharField(max_length=80)),
                ("started_at", models.DateTimeField()),
                (
                    "worker",
                    models.CharField(
                        blank=True, default="", help_text="Who works on it; empty: nobody yet", max_length=100
                    ),
                ),
                ("heartbeat_at", models.DateTimeField(help_text="When its worker last finished a step", null=True)),
                (
                    "takeovers",
                    models.PositiveIntegerField(default=0, help_text="How often another worker went on with it"),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, default="", help_text="Why it was abandoned", max_length=300)),
                (
                    "due",
                    models.PositiveIntegerField(default=0, help_text="Subscriptions that were due when it started"),
                ),
                ("billed", models.PositiveIntegerField(default=0, help_text="Periods billed")),
                (
                    "invoices",
                    models.PositiveIntegerField(
                        default=0, help_text="Bills issued; a period that costs nothing has none"
                    ),
                ),
                (
                    "applied",
                    models.PositiveIntegerField(
                        default=0, help_text="Planned changes, trial ends and endings carried out"
                    ),
                ),
                (
                    "skipped",
                    models.PositiveIntegerField(default=0, help_text="Still due at the end: somebody else held them"),
                ),
                ("exceptions", models.PositiveIntegerField(default=0, help_text="Could not be billed")),
                (
                    "totals",
                    models.JSONField(
                        blank=True, default=dict, help_text="Per currency: net, tax and total of its bills"
                    ),
                ),
                (
                    "booked",
                    models.JSONField(
                        blank=True, default=dict, help_text="Per currency: what the books ask for by its bills"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "finished", "abandoned"])),
                        name="billing_run_state_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")), fields=("state",), name="one_billing_run_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state", "running")),
                            models.Q(models.Q(("state", "running"), _negated=True), ("finished_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="billing_run_ends_when_it_stops_running",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "abandoned"), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="billing_run_abandoned_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BillingException",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_on", models.DateField(help_text="The first day that could not be billed")),
                ("code", models.CharField(help_text="The name of the fact that stood in the way", max_length=60)),
                ("reason", models.CharField(max_length=500)),
                ("times", models.PositiveIntegerField(default=1, help_text="How many runs met it")),
                ("raised_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolved_by", models.CharField(blank=True, default="", max_length=80)),
                ("resolution", models.CharField(blank=True, default="", max_length=300)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="billing_exceptions",
                        to="ledger.customer",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="billing_exceptions",
                        to="ledger.subscription",
                    ),
                ),
                (
                    "first_run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exceptions_found",
                        to="ledger.billingrun",
                    ),
                ),
                (
                    "last_run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exceptions_seen",
                        to="ledger.billingrun",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["last_run", "subscription"], name="billing_exception_by_run")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resolved_at", None)),
                        fields=("subscription",),
                        name="one_open_billing_exception_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolution", ""), ("resolved_at", None), ("resolved_by", "")),
                            models.Q(
                                ("resolved_at__isnull", False),
                                models.Q(("resolved_by", ""), _negated=True),
                                models.Q(("resolution", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="billing_exception_resolved_by_somebody_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seen_at__gte", models.F("raised_at"))),
                        name="billing_exception_seen_after_raised",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BillingStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("worker", models.CharField(max_length=100)),
                ("billed", models.PositiveIntegerField()),
                (
                    "invoice_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("first_number", models.CharField(blank=True, default="", max_length=40)),
                ("last_number", models.CharField(blank=True, default="", max_length=40)),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="ledger.billingrun"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["run", "id"], name="billing_step_by_run")],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("net_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credited_by", to="ledger.invoiceline"
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="ledger.creditnote"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("note", "line"), name="credit_note_names_each_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("net_minor__gte", 0),
                            ("tax_minor__gte", 0),
                            (
                                "net_minor__gt",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("tax_minor"), "*", models.Value(-1)
                                ),
                            ),
                        ),
                        name="credit_note_line_above_zero",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="As it stands on the bill, e.g. SORRY-5", max_length=60)),
                ("percent", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("currency", models.CharField(max_length=3)),
                (
                    "targets",
                    models.JSONField(
                        blank=True, default=list, help_text="Product codes; empty: everything on the bill"
                    ),
                ),
                ("priority", models.PositiveSmallIntegerField(default=100, help_text="The lowest goes first")),
                (
                    "stacks_on_original",
                    models.BooleanField(default=False, help_text="Taken off the price before other discounts"),
                ),
                (
                    "duration",
                    models.CharField(
                        choices=[
                            ("once", "Once"),
                            ("periods", "for some bills"),
                            ("forever", "Forever"),
                            ("until_used_up", "until used up"),
                        ],
                        default="once",
                        max_length=13,
                    ),
                ),
                ("periods_left", models.PositiveSmallIntegerField(help_text="Bills it is still used on", null=True)),
                (
                    "left_minor",
                    models.BigIntegerField(help_text="Of an amount that stays until it is used up", null=True),
                ),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(help_text="The first day it no longer applies", null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("active", "Active"),
                            ("declined", "Declined"),
                            ("used_up", "used up"),
                            ("ended", "Ended"),
                        ],
                        default="requested",
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "source",
                    models.CharField(blank=True, default="", help_text="What led to it, e.g. dispute:7", max_length=60),
                ),
                (
                    "conversation",
                    models.CharField(blank=True, default="", help_text="Where it was given, ticket:9", max_length=60),
                ),
                ("external_id", models.CharField(max_length=100, null=True, unique=True)),
                ("worth_minor", models.BigIntegerField()),
                (
                    "granted_on",
                    models.DateField(help_text="The customer's day; of two that compete, the older goes first"),
                ),
                ("requested_by", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("approved_by", models.CharField(blank=True, default="", max_length=80)),
                ("approved_at", models.DateTimeField(null=True)),
                (
                    "closed_by",
                    models.CharField(blank=True, default="", help_text="Who declined or ended it", max_length=80),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("close_reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="discount_grants",
                        to="ledger.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-id"], name="discount_grant_by_customer"),
                    models.Index(
                        condition=models.Q(("state", "active")), fields=["customer"], name="discount_grant_active"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["requested", "active", "declined", "used_up", "ended"])),
                        name="discount_grant_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("duration__in", ["once", "periods", "forever", "until_used_up"])),
                        name="discount_grant_duration_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount_minor", None), ("percent__gt", 0), ("percent__lte", 100)),
                            models.Q(("amount_minor__gt", 0), ("percent", None)),
                            _connector="OR",
                        ),
                        name="discount_grant_is_percentage_or_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("duration", "until_used_up"), _negated=True),
                            models.Q(("left_minor__gte", 0), ("left_minor__lte", models.F("amount_minor"))),
                            _connector="OR",
                        ),
                        name="discount_grant_never_gives_more_than_its_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("duration", "periods"), _negated=True),
                            ("periods_left__isnull", False),
                            _connector="OR",
                        ),
                        name="discount_grant_counts_its_bills",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None), ("valid_until__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="discount_grant_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("worth_minor__gte", 0)), name="discount_grant_worth_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", ""),
                            models.Q(("approved_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="discount_grant_approved_by_someone_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["active", "used_up"]), _negated=True),
                            models.Q(("approved_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="discount_grant_used_only_when_approved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DiscountUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("used_at", models.DateTimeField()),
                (
                    "returned_at",
                    models.DateTimeField(help_text="When the bill was voided: it does not count any more", null=True),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="ledger.discountgrant"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="discount_uses", to="ledger.invoice"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("grant", "invoice"), name="discount_used_once_per_invoice"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="discount_use_above_zero"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invoice", "Invoice"),
                            ("credit_note", "credit note"),
                            ("statement", "Statement"),
                            ("reminder", "Reminder"),
                            ("plan_agreement", "agreement"),
                            ("price_notice", "price notice"),
                        ],
                        max_length=14,
                    ),
                ),
                ("subject", models.CharField(help_text="What it is made of, e.g. invoice:17", max_length=60)),
                ("language", models.CharField(max_length=12)),
                ("number", models.CharField(max_length=60)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField(help_text="Bytes")),
                ("content", models.BinaryField()),
                (
                    "is_electronic",
                    models.BooleanField(default=False, help_text="Holds the electronic invoice (EN 16931)"),
                ),
                (
                    "contact_number",
                    models.CharField(help_text="The telephone number printed on it, E.164", max_length=20),
                ),
                ("template_version", models.PositiveSmallIntegerField()),
                ("issued_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="ledger.customer"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "-id"], name="document_by_customer")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject", "kind", "language"), name="one_document_per_subject_kind_and_language"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["invoice", "credit_note", "statement", "reminder", "plan_agreement", "price_notice"],
                            )
                        ),
                        name="document_kind_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("size__gt", 0)), name="document_is_not_empty"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exchange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(
                        help_text="The bank's; the same exchange is booked once", max_length=100, unique=True
                    ),
                ),
                ("sold_minor", models.BigIntegerField(help_text="What was exchanged, without the fee")),
                ("sold_currency", models.CharField(max_length=3)),
                ("bought_minor", models.BigIntegerField()),
                ("bought_currency", models.CharField(max_length=3)),
                (
                    "fee_minor",
                    models.BigIntegerField(default=0, help_text="Kept by the bank, in the currency that was sold"),
                ),
                ("rate", models.DecimalField(decimal_places=18, max_digits=40)),
                ("rate_source", models.CharField(max_length=100)),
                ("rate_on", models.DateField()),
                ("exchanged_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=80)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("bought_minor__gt", 0), ("sold_minor__gt", 0)), name="exchange_above_zero"
                    ),
                    models.CheckConstraint(condition=models.Q(("fee_minor__gte", 0)), name="exchange_fee_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("sold_currency", models.F("bought_currency")), _negated=True),
                        name="exchange_between_two_currencies",
                    ),
                    models.CheckConstraint(condition=models.Q(("rate__gt", 0)), name="exchange_at_a_rate_above_zero"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("base", models.CharField(max_length=3)),
                ("quote", models.CharField(max_length=3)),
                ("rate", models.DecimalField(decimal_places=12, max_digits=28)),
                ("on", models.DateField()),
                ("source", models.CharField(max_length=100)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=80)),
            ],
            options={
                "indexes": [models.Index(fields=["base", "quote", "-on", "-id"], name="exchange_rate_by_day")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("rate__gt", 0)), name="exchange_rate_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(("base", models.F("quote")), _negated=True),
                        name="exchange_rate_between_two_currencies",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("base__regex", "^[A-Z]{3}$"), ("quote__regex", "^[A-Z]{3}$")),
                        name="exchange_rate_currencies_are_iso",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="exchange_rate_has_a_source"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GivenExplanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(help_text="What it explains, e.g. invoiceline:12", max_length=60)),
                ("language", models.CharField(max_length=12)),
                ("text", models.TextField()),
                (
                    "entry_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Journal entries it rests on",
                        size=None,
                    ),
                ),
                (
                    "line_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Lines of bills it rests on",
                        size=None,
                    ),
                ),
                ("hash", models.CharField(help_text="SHA-256 of the text", max_length=64)),
                (
                    "facts_hash",
                    models.CharField(help_text="SHA-256 of the text as generated from the facts then", max_length=64),
                ),
                ("given_at", models.DateTimeField()),
                ("given_by", models.CharField(max_length=80)),
                ("superseded_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="given_explanations",
                        to="ledger.customer",
                    ),
                ),
                (
                    "superseded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supersedes",
                        to="ledger.givenexplanation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-id"], name="explanation_by_customer"),
                    models.Index(fields=["subject", "-id"], name="explanation_by_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="given_explanation_says_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hash__regex", "^[0-9a-f]{64}$")), name="given_explanation_is_hashed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("superseded_at", None), ("superseded_by", None)),
                            ("superseded_at__gte", models.F("given_at")),
                            _connector="OR",
                        ),
                        name="given_explanation_superseded_after_it_was_given",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at", None)),
                        fields=("subject", "language"),
                        name="one_explanation_stands_per_subject_and_language",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JurisdictionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("tax_rate", "Tax rate of a country"),
                            ("reverse_charge", "The customer accounts for the tax"),
                            ("destination_rate", "The rate of where the customer lives"),
                            ("export", "No tax is collected"),
                            ("renewal_notice", "Notice before a renewal or the end of a trial"),
                            ("price_change_notice", "Notice before a price changes"),
                            ("cancellation", "How a contract can be ended"),
                            ("base_rate", "Base interest rate of a country"),
                            ("late_fee", "What may be asked for late payment"),
                            ("withdrawal", "How long a consumer may withdraw"),
                            ("language", "Languages texts must be in"),
                            ("free_advice", "Free advice for people with debts"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True, default="", help_text="ISO 3166-1; EU: every member state", max_length=2
                    ),
                ),
                (
                    "region",
                    models.CharField(blank=True, default="", help_text="ISO 3166-2 code, e.g. US-CA", max_length=6),
                ),
                (
                    "customer_type",
                    models.CharField(
                        blank=True,
                        choices=[("consumer", "Consumer"), ("business", "Business")],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "category",
                    models.SlugField(blank=True, default="", help_text="Of goods, or of the notice", max_length=40),
                ),
                (
                    "params",
                    models.JSONField(
                        help_text='What it says, e.g. {"rate": "19", "treatment": "standard", "name": "USt"}'
                    ),
                ),
                (
                    "wording",
                    models.JSONField(
                        blank=True, default=dict, help_text='What documents say, per language: {"en": "Reverse charge"}'
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, default="", help_text="What it means, in plain words", max_length=500),
                ),
                ("source", models.CharField(help_text="Law, section, and where it can be read", max_length=500)),
                ("owner", models.CharField(help_text="Who keeps it up to date", max_length=80)),
                (
                    "examples",
                    models.JSONField(blank=True, default=list, help_text="What comes in and what has to come out"),
                ),
                ("valid_from", models.DateField()),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="The first day without it; empty: until it is ended", null=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("approved", "Approved"), ("discarded", "Discarded")],
                        default="proposed",
                        max_length=9,
                    ),
                ),
                ("author", models.CharField(max_length=80)),
                ("proposed_at", models.DateTimeField()),
                ("reviewed_by", models.CharField(blank=True, default="", max_length=80)),
                ("reviewed_at", models.DateTimeField(null=True)),
                (
                    "closing_reason",
                    models.CharField(blank=True, default="", help_text="Why it was ended or discarded", max_length=300),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "country", "valid_from"], name="jurisdiction_rule_by_place")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "tax_rate",
                                    "reverse_charge",
                                    "destination_rate",
                                    "export",
                                    "renewal_notice",
                                    "price_change_notice",
                                    "cancellation",
                                    "base_rate",
                                    "late_fee",
                                    "withdrawal",
                                    "language",
                                    "free_advice",
                                ],
                            )
                        ),
                        name="jurisdiction_rule_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["proposed", "approved", "discarded"])),
                        name="jurisdiction_rule_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country", ""), ("country__regex", "^[A-Z]{2}$"), _connector="OR"),
                        name="jurisdiction_rule_country_is_iso",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("customer_type__in", ["", "consumer", "business"])),
                        name="jurisdiction_rule_customer_type_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("country", ""), _negated=True),
                            models.Q(
                                (
                                    "kind__in",
                                    [
                                        "tax_rate",
                                        "reverse_charge",
                                        "destination_rate",
                                        "export",
                                        "base_rate",
                                        "late_fee",
                                        "language",
                                        "free_advice",
                                    ],
                                ),
                                _negated=True,
                            ),
                            _connector="OR",
                        ),
                        name="jurisdiction_rule_of_tax_names_its_country",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="jurisdiction_rule_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="jurisdiction_rule_has_a_source"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            ("author", "system:defaults"),
                            models.Q(("reviewed_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="jurisdiction_rule_in_force_is_reviewed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_by", ""),
                            models.Q(("reviewed_by", models.F("author")), _negated=True),
                            _connector="OR",
                        ),
                        name="jurisdiction_rule_reviewed_by_someone_else",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MonthClose",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="The first day of the month", unique=True)),
                (
                    "state",
                    models.CharField(choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=6),
                ),
                ("checklist", models.JSONField(blank=True, default=list)),
                ("prepared_by", models.CharField(max_length=80)),
                ("prepared_at", models.DateTimeField()),
                ("closed_by", models.CharField(blank=True, default="", max_length=80)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "seal_head",
                    models.CharField(
                        blank=True, default="", help_text="The seal of the books at the close", max_length=64
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "closed"])), name="month_close_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="month_close_is_named_by_its_first_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", ""), ("state", "open")),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state", "closed"),
                                models.Q(("closed_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="month_is_closed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closed_by", models.F("prepared_by")), _negated=True),
                        name="month_closed_by_someone_else_than_prepared_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PositionStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                (
                    "held_minor",
                    models.BigIntegerField(help_text="Held after it; below zero: sold before it was bought"),
                ),
                ("cost_minor", models.BigIntegerField(help_text="What that cost, in the book currency")),
                (
                    "gained_minor",
                    models.BigIntegerField(help_text="Gained by it (below zero: lost), in the book currency"),
                ),
                ("book_currency", models.CharField(max_length=3)),
                (
                    "exchange",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="ledger.exchange"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["currency", "-id"], name="position_step_by_currency")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("exchange", "currency"), name="one_position_step_per_exchange_and_currency"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Recognition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="The first day of the month")),
                ("currency", models.CharField(max_length=3)),
                ("deferred_minor", models.BigIntegerField()),
                ("recognised_minor", models.BigIntegerField()),
                ("credited_minor", models.BigIntegerField()),
                ("left_minor", models.BigIntegerField()),
                ("posted_at", models.DateTimeField()),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recognitions", to="ledger.charge"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["month"], name="recognition_by_month")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("charge", "month"), name="revenue_recognised_once_per_charge_and_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credited_minor__gte", 0),
                            ("deferred_minor__gte", 0),
                            ("left_minor__gte", 0),
                            ("recognised_minor__gte", 0),
                        ),
                        name="recognition_parts_not_below_zero",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="recognition_month_is_its_first_day"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AddOn",
            fields=[],
            options={
                "verbose_name": "add-on",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("ledger.product",),
        ),
        migrations.CreateModel(
            name="SubscriptionAddOn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                (
                    "priced_on",
                    models.DateField(help_text="The day whose price version it keeps; empty: `since`", null=True),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="add_ons", to="ledger.subscription"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taken", to="ledger.addon"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="add_on_quantity_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                        name="add_on_ends_after_it_begins",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("subscription", "product"),
                        name="add_on_taken_once_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubscriptionChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("plan", "Plan"),
                            ("quantity", "Quantity"),
                            ("take_add_on", "take an add-on"),
                            ("drop_add_on", "drop an add-on"),
                            ("billing_day", "billing day"),
                            ("pause", "Pause"),
                            ("resume", "Resume"),
                            ("cancel", "Cancel"),
                            ("reinstate", "Reinstate"),
                        ],
                        max_length=11,
                    ),
                ),
                ("target", models.CharField(blank=True, default="", help_text="Which add-on", max_length=40)),
                ("wanted", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("scheduled", "Scheduled"),
                            ("applied", "Applied"),
                            ("withdrawn", "Withdrawn"),
                            ("refused", "Refused"),
                        ],
                        default="scheduled",
                        max_length=9,
                    ),
                ),
                (
                    "effective_on",
                    models.DateField(help_text="The first day on which it counts, where the customer lives"),
                ),
                (
                    "figures",
                    models.JSONField(blank=True, default=dict, help_text="What was shown before it was confirmed"),
                ),
                ("requested_by", models.CharField(max_length=80)),
                (
                    "received_at",
                    models.DateTimeField(help_text="When the request reached us, however late it was worked on"),
                ),
                ("recorded_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("refusal", models.CharField(blank=True, default="", max_length=300)),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="ledger.subscription"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "scheduled")),
                        fields=["effective_on", "id"],
                        name="subscription_change_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["scheduled", "applied", "withdrawn", "refused"])),
                        name="subscription_change_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "scheduled")),
                            models.Q(models.Q(("state", "scheduled"), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="subscription_change_decided_once_not_scheduled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), _negated=True),
                            models.Q(("refusal", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="subscription_change_refused_for_a_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "scheduled")),
                        fields=("subscription", "what", "target"),
                        name="subscription_change_scheduled_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubscriptionTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "price_minor",
                    models.BigIntegerField(help_text="Of one unit, or of a period where the price is flat", null=True),
                ),
                (
                    "percent",
                    models.DecimalField(decimal_places=6, help_text="Off the list price", max_digits=9, null=True),
                ),
                ("currency", models.CharField(max_length=3)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(help_text="The first day they no longer apply", null=True)),
                ("source", models.CharField(help_text="What they were agreed in, e.g. agreement:7", max_length=60)),
                ("recorded_at", models.DateTimeField()),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agreed_terms", to="ledger.product"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreed_terms",
                        to="ledger.subscription",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "subscription terms",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("price_minor", None), ("percent", None), _connector="OR"),
                        name="agreed_terms_are_price_or_percentage",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_minor", None), ("price_minor__gte", 0), _connector="OR"),
                        name="agreed_price_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("percent", None), models.Q(("percent__gt", 0), ("percent__lte", 100)), _connector="OR"
                        ),
                        name="agreed_percentage_up_to_100",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None), ("valid_until__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="agreed_terms_end_after_they_begin",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxIdCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_id", models.BigIntegerField()),
                ("country", models.CharField(max_length=2)),
                ("vat_id", models.CharField(max_length=20)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("format_valid", "has the right form"),
                            ("registered", "Registered"),
                            ("not_registered", "not registered"),
                            ("unavailable", "could not be asked"),
                        ],
                        max_length=14,
                    ),
                ),
                ("source", models.CharField(help_text="Who was asked, and the reference they gave", max_length=200)),
                ("response", models.TextField(blank=True, default="", help_text="What they answered, word for word")),
                ("checked_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=80)),
            ],
            options={
                "verbose_name": "VAT id check",
                "indexes": [models.Index(fields=["customer_id", "-checked_at"], name="tax_id_check_by_customer")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("result__in", ["format_valid", "registered", "not_registered", "unavailable"])
                        ),
                        name="tax_id_check_result_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="tax_id_check_has_a_source"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "subscription_id",
                    models.BigIntegerField(help_text="Which one, where several share the meter", null=True),
                ),
                ("meter", models.SlugField(max_length=40)),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=20)),
                ("happened_at", models.DateTimeField()),
                ("key", models.CharField(help_text="The reporter's own id for it", max_length=100, unique=True)),
                ("received_at", models.DateTimeField()),
                ("received_from", models.CharField(max_length=80)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="usage_events", to="ledger.customer"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "meter", "happened_at"], name="usage_by_customer_and_meter")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity", 0), _negated=True), name="usage_event_counts_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OneOffItem",
            fields=[],
            options={
                "verbose_name": "one-off item",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("ledger.product",),
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("ledger.product",),
        ),
        migrations.RemoveConstraint(
            model_name="charge",
            name="charge_amount_above_zero",
        ),
        migrations.RemoveConstraint(
            model_name="charge",
            name="charge_tax_rate_is_per_cent",
        ),
        migrations.RemoveConstraint(
            model_name="invoice",
            name="invoice_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="invoice",
            name="invoice_parts_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="invoice",
            name="invoice_never_settled_twice",
        ),
        migrations.RemoveConstraint(
            model_name="price",
            name="price_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="subscription",
            name="subscription_state_is_known",
        ),
        migrations.RemoveIndex(
            model_name="subscription",
            name="subscription_renewing",
        ),
        migrations.AddField(
            model_name="charge",
            name="basis",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="charge",
            name="discount_minor",
            field=models.BigIntegerField(default=0, help_text="Taken off the list price; of a price with tax, gross"),
        ),
        migrations.AddField(
            model_name="charge",
            name="included_tax_minor",
            field=models.BigIntegerField(help_text="Tax taken out of a price that includes it", null=True),
        ),
        migrations.AddField(
            model_name="charge",
            name="kind",
            field=models.CharField(
                choices=[
                    ("plan", "Plan"),
                    ("add_on", "add-on"),
                    ("usage", "Usage"),
                    ("one_off", "one-off item"),
                    ("late_fee", "late fee"),
                    ("fee", "Fee"),
                    ("other", "Other"),
                ],
                default="other",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="tax_category",
            field=models.SlugField(default="standard", max_length=40),
        ),
        migrations.AddField(
            model_name="charge",
            name="tax_treatment",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Set when the tax rules decided as the tax was taken out",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="contactpoint",
            name="failed_at",
            field=models.DateTimeField(
                help_text="When it refused our mail for good; nothing goes there since", null=True
            ),
        ),
        migrations.AddField(
            model_name="contactpoint",
            name="failure",
            field=models.CharField(blank=True, default="", help_text="What the other server said", max_length=300),
        ),
        migrations.AddField(
            model_name="customer",
            name="address_more",
            field=models.CharField(blank=True, default="", help_text="Floor, department", max_length=200),
        ),
        migrations.AddField(
            model_name="customer",
            name="city",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
        migrations.AddField(
            model_name="customer",
            name="postal_code",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="customer",
            name="street",
            field=models.CharField(blank=True, default="", help_text="Street and number, or post box", max_length=200),
        ),
        migrations.AddField(
            model_name="invoice",
            name="book_rate",
            field=models.DecimalField(
                decimal_places=12,
                help_text="Book currency for one unit of its own, when issued",
                max_digits=24,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="book_rate_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="invoice",
            name="book_rate_source",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
        migrations.AddField(
            model_name="invoice",
            name="closing_note",
            field=models.CharField(blank=True, default="", help_text="Why it is void or given up", max_length=300),
        ),
        migrations.AddField(
            model_name="invoice",
            name="period_end",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="invoice",
            name="period_start",
            field=models.DateField(help_text="Of the period a billing run billed", null=True),
        ),
        migrations.AddField(
            model_name="invoice",
            name="source",
            field=models.CharField(
                blank=True, default="", help_text="What is billed, e.g. subscription:9", max_length=60
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="tax_evidence",
            field=models.JSONField(blank=True, default=dict, help_text="Why this tax: rules, wording, VAT id check"),
        ),
        migrations.AddField(
            model_name="invoice",
            name="written_off_minor",
            field=models.BigIntegerField(default=0, help_text="Given up as not collectable"),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="tax_treatment",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Why this rate, e.g. reverse_charge; empty: it was given",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="price",
            name="existing_from",
            field=models.DateField(blank=True, help_text="From when running subscriptions get it", null=True),
        ),
        migrations.AddField(
            model_name="price",
            name="includes_tax",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="price",
            name="is_for_new_only",
            field=models.BooleanField(default=False, help_text="Running subscriptions keep their price for good"),
        ),
        migrations.AddField(
            model_name="price",
            name="model",
            field=models.CharField(
                choices=[
                    ("flat", "Flat"),
                    ("per_unit", "per unit"),
                    ("graduated", "graduated tiers"),
                    ("volume", "volume tiers"),
                ],
                default="flat",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="price",
            name="tiers",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='Steps in order: {"up_to": "1000", "unit_minor": "1.23", "flat_minor": 0}; the last up_to is null',
            ),
        ),
        migrations.AddField(
            model_name="price",
            name="unit_minor",
            field=models.DecimalField(
                decimal_places=8, default=0, help_text="Of one unit, in minor units; 1.23 is 0.0123 EUR", max_digits=20
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="features",
            field=models.JSONField(blank=True, default=list, help_text="What it gives, one text each"),
        ),
        migrations.AddField(
            model_name="product",
            name="is_last_day_billed",
            field=models.BooleanField(default=False, help_text="Bill the day on which a term ends or changes"),
        ),
        migrations.AddField(
            model_name="product",
            name="kind",
            field=models.CharField(
                choices=[("plan", "Plan"), ("add_on", "add-on"), ("one_off", "one-off item")],
                default="plan",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="longest_pause_days",
            field=models.PositiveIntegerField(default=92),
        ),
        migrations.AddField(
            model_name="product",
            name="meter",
            field=models.SlugField(blank=True, default="", help_text="Usage that decides the quantity", max_length=40),
        ),
        migrations.AddField(
            model_name="product",
            name="notice_days",
            field=models.PositiveIntegerField(default=0, help_text="Notice before the end of a period"),
        ),
        migrations.AddField(
            model_name="product",
            name="proration_basis",
            field=models.CharField(
                choices=[
                    ("day", "by calendar day"),
                    ("second", "by second"),
                    ("thirty_day_month", "by months of 30 days"),
                    ("none", "not at all"),
                ],
                default="day",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                help_text="What to take instead",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="ledger.product",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="retired_reason",
            field=models.CharField(blank=True, default="", help_text="Said to who asks for it", max_length=300),
        ),
        migrations.AddField(
            model_name="product",
            name="tax_category",
            field=models.SlugField(default="standard", help_text="Which tax rules apply", max_length=40),
        ),
        migrations.AddField(
            model_name="product",
            name="trial_days",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="product",
            name="unit",
            field=models.CharField(
                blank=True, default="", help_text="What one of it is called, e.g. seat", max_length=40
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="usage_limit",
            field=models.DecimalField(
                blank=True,
                decimal_places=6,
                help_text="How much a period of it allows; empty: any",
                max_digits=20,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="ends_on",
            field=models.DateField(help_text="The first day without service, once it is cancelled", null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="metered_on",
            field=models.DateField(help_text="The first day whose use is not yet billed; empty: renews_on", null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="priced_on",
            field=models.DateField(help_text="The day whose price version it keeps; empty: the anchor", null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="quantity",
            field=models.PositiveIntegerField(default=1, help_text="Seats or units of the plan"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="trial_ends_on",
            field=models.DateField(help_text="The first day that is billed after a trial", null=True),
        ),
        migrations.AlterField(
            model_name="approval",
            name="act",
            field=models.CharField(
                choices=[
                    ("refund", "Refund"),
                    ("credit", "Credit"),
                    ("discount", "Discount"),
                    ("write_off", "write-off"),
                    ("agreement", "Agreement"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="authoritylimit",
            name="act",
            field=models.CharField(
                choices=[
                    ("refund", "Refund"),
                    ("credit", "Credit"),
                    ("discount", "Discount"),
                    ("write_off", "write-off"),
                    ("agreement", "Agreement"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="charge",
            name="amount_minor",
            field=models.BigIntegerField(help_text="Net after discounts, in minor units"),
        ),
        migrations.AlterField(
            model_name="charge",
            name="tax_rate",
            field=models.DecimalField(
                decimal_places=3, default=0, help_text="Per cent; empty: the tax rules decide", max_digits=6, null=True
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="number",
            field=models.CharField(help_text="Gapless once issued; a draft has DRAFT-…", max_length=40, unique=True),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("open", "Open"),
                    ("paid", "Paid"),
                    ("void", "Void"),
                    ("uncollectible", "Uncollectible"),
                ],
                default="open",
                max_length=13,
            ),
        ),
        migrations.AlterField(
            model_name="price",
            name="amount_minor",
            field=models.BigIntegerField(default=0, help_text="Of a flat price, in minor units"),
        ),
        migrations.AlterField(
            model_name="price",
            name="tax_rate",
            field=models.DecimalField(
                blank=True, decimal_places=3, help_text="Per cent; empty: the tax rules decide", max_digits=6, null=True
            ),
        ),
        migrations.AlterField(
            model_name="product",
            name="interval",
            field=models.CharField(
                choices=[("week", "Week"), ("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
                default="month",
                max_length=7,
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="state",
            field=models.CharField(
                choices=[
                    ("trial", "Trial"),
                    ("active", "Active"),
                    ("past_due", "past due"),
                    ("paused", "Paused"),
                    ("cancelled", "Cancelled"),
                ],
                default="active",
                max_length=9,
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", 0)), name="charge_amount_not_below_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("discount_minor__gte", 0)), name="charge_discount_not_below_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_rate", None), models.Q(("tax_rate__gte", 0), ("tax_rate__lt", 100)), _connector="OR"
                ),
                name="charge_tax_rate_is_per_cent",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["plan", "add_on", "usage", "one_off", "late_fee", "fee", "other"])),
                name="charge_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("included_tax_minor", None),
                    models.Q(("included_tax_minor__gte", 0), ("tax_rate__isnull", False)),
                    _connector="OR",
                ),
                name="charge_with_tax_taken_out_knows_the_rate",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reversed_at", None), models.Q(("reversal_reason", ""), _negated=True), _connector="OR"
                ),
                name="charge_taken_back_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "open", "paid", "void", "uncollectible"])),
                name="invoice_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("source", ""), _negated=True),
                    ("period_start__isnull", False),
                    models.Q(("state", "void"), _negated=True),
                ),
                fields=("source", "period_start"),
                name="one_invoice_per_source_and_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credited_minor__gte", 0),
                    ("disputed_minor__gte", 0),
                    ("paid_minor__gte", 0),
                    ("written_off_minor__gte", 0),
                ),
                name="invoice_parts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total_minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("paid_minor"), "+", models.F("credited_minor")
                                ),
                                "+",
                                models.F("disputed_minor"),
                            ),
                            "+",
                            models.F("written_off_minor"),
                        ),
                    )
                ),
                name="invoice_never_settled_twice",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["draft", "void"]), _negated=True),
                    models.Q(("credited_minor", 0), ("disputed_minor", 0), ("paid_minor", 0), ("written_off_minor", 0)),
                    _connector="OR",
                ),
                name="invoice_nobody_owes_has_nothing_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "uncollectible"), ("written_off_minor__gt", 0)),
                    models.Q(models.Q(("state", "uncollectible"), _negated=True), ("written_off_minor", 0)),
                    _connector="OR",
                ),
                name="invoice_written_off_means_uncollectible",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "void"]),
                    models.Q(("number__startswith", "DRAFT-"), _negated=True),
                    _connector="OR",
                ),
                name="invoice_asked_for_has_a_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.UniqueConstraint(
                fields=("product", "currency", "valid_from"), name="one_price_per_product_currency_and_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", 0), ("unit_minor__gte", 0)), name="price_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("model__in", ["flat", "per_unit", "graduated", "volume"])),
                name="price_model_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("existing_from", None), ("existing_from__gte", models.F("valid_from")), _connector="OR"
                ),
                name="price_reaches_running_ones_after_its_first_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("model__in", ["flat", "per_unit"]), ("tiers", [])),
                    models.Q(("model__in", ["graduated", "volume"]), models.Q(("tiers", []), _negated=True)),
                    _connector="OR",
                ),
                name="price_has_steps_exactly_when_tiered",
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tax_rate", None), models.Q(("tax_rate__gte", 0), ("tax_rate__lt", 100)), _connector="OR"
                ),
                name="price_tax_rate_is_per_cent",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["plan", "add_on", "one_off"])), name="product_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("interval__in", ["week", "month", "quarter", "year"])),
                name="product_interval_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("proration_basis__in", ["day", "second", "thirty_day_month", "none"])),
                name="product_proration_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("replaced_by", None), models.Q(("replaced_by", models.F("id")), _negated=True), _connector="OR"
                ),
                name="product_not_replaced_by_itself",
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="subscriptions", to="ledger.plan"
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(
                    models.Q(("state", "paused"), _negated=True),
                    models.Q(("ends_on", None), ("ends_on__gt", models.F("renews_on")), _connector="OR"),
                ),
                fields=["renews_on", "id"],
                name="subscription_renewing",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(
                    ("ends_on__gt", django.db.models.functions.comparison.Coalesce("metered_on", "renews_on"))
                ),
                fields=["ends_on", "id"],
                name="subscription_ending",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["trial", "active", "past_due", "paused", "cancelled"])),
                name="subscription_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="subscription_quantity_above_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "trial"), _negated=True), ("trial_ends_on__isnull", False), _connector="OR"
                ),
                name="subscription_on_trial_knows_its_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on", None), ("state", "cancelled"), _connector="OR"),
                name="subscription_ends_only_when_cancelled",
            ),
        ),
    ]
