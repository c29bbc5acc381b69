import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from ledger import migrating


class Migration(migrating.Migration):
    dependencies = [
        ("ledger", "0007_guards_aside"),
    ]

    operations = [
        migrations.CreateModel(
            name="Access",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("grace", "Grace"),
                            ("restricted", "Restricted"),
                            ("suspended", "Suspended"),
                        ],
                        default="active",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("nothing", "nothing is overdue"),
                            ("failed", "a payment failed"),
                            ("overdue", "a bill is overdue"),
                            ("override", "a supervisor decided"),
                        ],
                        default="nothing",
                        max_length=8,
                    ),
                ),
                ("bill_minor", models.BigIntegerField(default=0, help_text="What is asked for on that bill")),
                ("amount_minor", models.BigIntegerField(default=0, help_text="What has to be paid in all to cure it")),
                ("currency", models.CharField(max_length=3)),
                ("day_zero", models.DateField(help_text="When the payment failed or the bill was due", null=True)),
                ("since_on", models.DateField(help_text="Since when it is as it is", null=True)),
                ("warned_on", models.DateField(help_text="When the customer was warned of a restriction", null=True)),
                ("restricts_on", models.DateField(help_text="When access is, or will be, restricted", null=True)),
                ("suspends_on", models.DateField(null=True)),
                ("restored_at", models.DateTimeField(help_text="When it was last given back", null=True)),
                (
                    "rank",
                    models.BigIntegerField(default=0, help_text="The newest event of the customer it takes account of"),
                ),
                ("reviewed_at", models.DateTimeField()),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="access", to="ledger.customer"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.invoice"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "access",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "active"), _negated=True),
                        fields=["customer"],
                        name="access_not_active",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "grace", "restricted", "suspended"])),
                        name="access_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["nothing", "failed", "overdue", "override"])),
                        name="access_reason_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "active"), models.Q(("reason", "nothing"), _negated=True), _connector="OR"
                        ),
                        name="access_taken_away_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["restricted", "suspended"]), _negated=True),
                            ("reason", "override"),
                            models.Q(("warned_on__isnull", False), ("warned_on__lte", models.F("restricts_on"))),
                            _connector="OR",
                        ),
                        name="access_restricted_only_after_a_warning",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("grace", "Grace"),
                            ("restricted", "Restricted"),
                            ("suspended", "Suspended"),
                        ],
                        max_length=10,
                    ),
                ),
                ("until", models.DateField(help_text="The last day it holds")),
                ("why", models.CharField(max_length=300)),
                ("decided_by", models.CharField(max_length=80)),
                ("decided_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, default="", max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_overrides",
                        to="ledger.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("ended_at", None)), fields=["until"], name="access_override_live")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "grace", "restricted", "suspended"])),
                        name="access_override_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("why", ""), _negated=True), name="access_override_says_why"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("customer",),
                        name="one_live_access_override_per_customer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "customer_kind",
                    models.CharField(
                        blank=True,
                        choices=[("consumer", "consumer"), ("business", "business")],
                        default="",
                        help_text="Empty: both",
                        max_length=10,
                    ),
                ),
                ("currency", models.CharField(blank=True, default="", help_text="Empty: every currency", max_length=3)),
                ("grace_days", models.PositiveSmallIntegerField(default=7)),
                ("warning_days", models.PositiveSmallIntegerField(default=2)),
                ("suspended_after_days", models.PositiveSmallIntegerField(default=14)),
                (
                    "least_minor",
                    models.BigIntegerField(default=0, help_text="Less than this restricts nobody; needs a currency"),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name_plural": "access policies",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_active", True)),
                        fields=("customer_kind", "currency"),
                        name="one_active_access_policy_per_segment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("customer_kind__in", ["", "consumer", "business"])),
                        name="access_policy_customer_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grace_days__gte", models.F("warning_days"))),
                        name="access_policy_warns_in_grace",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("suspended_after_days__gt", 0)), name="access_policy_restricts_first"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("least_minor__gte", 0)), name="access_policy_threshold_not_below_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("least_minor", 0), models.Q(("currency", ""), _negated=True), _connector="OR"
                        ),
                        name="access_policy_threshold_is_in_a_currency",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdjustmentReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(help_text="What agents say, e.g. SORRY-5", max_length=40, unique=True)),
                (
                    "title",
                    models.CharField(help_text="Customers read it on the bill and in the message", max_length=100),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("credit", "goodwill credit"),
                            ("fee_waiver", "fee waiver"),
                            ("discount", "courtesy discount"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("company_error", "our mistake"),
                            ("service", "service was not as it should be"),
                            ("loyalty", "Loyalty"),
                            ("other", "Other"),
                        ],
                        max_length=13,
                    ),
                ),
                (
                    "per_year",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="At most, to one customer in 12 months", null=True
                    ),
                ),
                ("is_in_use", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("per_year", None), ("per_year__gte", 1), _connector="OR"),
                        name="reason_allows_at_least_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TeamBudget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.CharField(
                        blank=True, default="", help_text="Empty: everybody without a budget of theirs", max_length=60
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("month", models.DateField(help_text="Its first day")),
                ("amount_minor", models.BigIntegerField(help_text="In minor units (cents)")),
                ("spent_minor", models.BigIntegerField(default=0, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "currency", "month"), name="one_budget_per_team_currency_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", models.F("spent_minor")), ("spent_minor__gte", 0)),
                        name="budget_never_overspent",
                    ),
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="budget_month_is_its_first_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("granted", "Granted"),
                            ("reversed", "Reversed"),
                            ("declined", "Declined"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="requested",
                        max_length=9,
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("team", models.CharField(blank=True, default="", max_length=60)),
                ("why", models.CharField(max_length=300)),
                (
                    "problem",
                    models.CharField(
                        blank=True, default="", help_text="The known problem behind it, as a link", max_length=60
                    ),
                ),
                ("conversation", models.CharField(blank=True, default="", max_length=60)),
                ("external_id", models.CharField(max_length=100, null=True, unique=True)),
                ("requested_by", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("granted_by", models.CharField(blank=True, default="", max_length=80)),
                ("granted_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, default="", max_length=80)),
                ("closed_at", models.DateTimeField(null=True)),
                ("close_reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="ledger.customer"
                    ),
                ),
                (
                    "grant_given",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.discountgrant",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waivers",
                        to="ledger.invoiceline",
                    ),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="ledger.adjustmentreason",
                    ),
                ),
                (
                    "budget",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="ledger.teambudget",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-id"], name="adjustment_by_customer"),
                    models.Index(
                        condition=models.Q(("granted_at__isnull", False)),
                        fields=["granted_at"],
                        name="adjustment_by_day",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["requested", "granted", "reversed", "declined", "cancelled"])
                        ),
                        name="adjustment_state_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="adjustment_above_zero"),
                    models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="adjustment_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("granted_by", ""),
                            models.Q(("granted_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="adjustment_granted_by_someone_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["granted", "reversed"]), _negated=True),
                            models.Q(("granted_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="adjustment_given_only_when_granted",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("refund", "Refund"),
                            ("credit", "Credit"),
                            ("discount", "Discount"),
                            ("write_off", "write-off"),
                            ("agreement", "Agreement"),
                            ("payment_plan", "Payment Plan"),
                            ("correction", "correction batch"),
                            ("dispute", "decision of a dispute"),
                        ],
                        max_length=20,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("above_minor", models.BigIntegerField(help_text="It holds above this amount, in minor units (cents)")),
                (
                    "approvers",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="How many different people, the asker not counted"
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        help_text="Who may agree, whatever their own limit; empty: whoever's limit covers the amount",
                        size=None,
                    ),
                ),
                (
                    "window_hours",
                    models.PositiveIntegerField(
                        default=24, help_text="Requests for one customer within it are added up"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("act", "currency", "above_minor"), name="one_approval_rule_per_act_currency_amount"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("above_minor__gte", 0)), name="approval_rule_amount_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("approvers__gte", 1), ("approvers__lte", 9)),
                        name="approval_rule_asks_one_to_nine",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalVote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("voter", models.CharField(max_length=80)),
                ("voted_at", models.DateTimeField()),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="votes", to="ledger.approval"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("approval", "voter"), name="one_vote_per_person_and_approval")
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        help_text="What the gateway knows it by, so it charges once", max_length=60, unique=True
                    ),
                ),
                ("gateway", models.CharField(max_length=20)),
                (
                    "trigger",
                    models.CharField(
                        choices=[
                            ("customer", "the customer"),
                            ("schedule", "Schedule"),
                            ("agent", "a member of staff"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "despite",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="The source of a hold that arranged it, e.g. payment_plan:7",
                        max_length=60,
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("started", "Started"),
                            ("unknown", "Unknown"),
                            ("pending", "Pending"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                        ],
                        default="started",
                        max_length=9,
                    ),
                ),
                ("gateway_reference", models.CharField(max_length=100, null=True, unique=True)),
                ("failure_code", models.CharField(blank=True, default="", max_length=60)),
                ("started_by", models.CharField(max_length=80)),
                ("started_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "asked",
                    models.PositiveIntegerField(
                        default=0, help_text="How often the gateway was asked what became of it"
                    ),
                ),
                (
                    "ask_again_at",
                    models.DateTimeField(help_text="None: the answer is final, or a person has to look", null=True),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="ledger.customer"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="ledger.invoice"
                    ),
                ),
                (
                    "method",
                    models.ForeignKey(
                        help_text="None: the customer pays on a page of the gateway",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="ledger.paymentmethod",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempt",
                        to="ledger.payment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["invoice", "-id"], name="attempt_by_invoice"),
                    models.Index(
                        condition=models.Q(("state__in", ["started", "unknown", "pending"])),
                        fields=["ask_again_at", "id"],
                        name="attempt_to_ask_about",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["started", "unknown", "pending", "succeeded", "failed"])),
                        name="attempt_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("trigger__in", ["customer", "schedule", "agent"])),
                        name="attempt_trigger_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="attempt_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "succeeded"), _negated=True), ("payment__isnull", False), _connector="OR"
                        ),
                        name="attempt_that_succeeded_is_a_payment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), _negated=True),
                            models.Q(("failure_code", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="attempt_that_failed_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SettlementFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("csv", "CSV of a payment provider"),
                            ("camt053", "CAMT.053 of a bank"),
                            ("mt940", "MT940 of a bank"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "account",
                    models.CharField(help_text="The provider, or the bank account, it comes from", max_length=60),
                ),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("size_bytes", models.BigIntegerField()),
                ("lines_count", models.PositiveIntegerField()),
                (
                    "known_before",
                    models.PositiveIntegerField(default=0, help_text="Lines that an earlier file had brought already"),
                ),
                ("first_on", models.DateField(null=True)),
                ("last_on", models.DateField(null=True)),
                (
                    "totals",
                    models.JSONField(default=dict, help_text="By currency: lines, money in, money out, fees, balances"),
                ),
                ("taken_by", models.CharField(max_length=80)),
                ("taken_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["csv", "camt053", "mt940"])),
                        name="settlement_format_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SettlementLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=60)),
                ("line_ref", models.CharField(help_text="The sender's own reference of the line", max_length=120)),
                ("position", models.PositiveIntegerField(help_text="Where it stands in the file, from 1")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("payment", "Payment"),
                            ("refund", "Refund"),
                            ("chargeback", "Chargeback"),
                            ("fee", "Fee"),
                            ("payout", "Payout"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, default="", help_text="What it is about, as they name it", max_length=140
                    ),
                ),
                ("amount_minor", models.BigIntegerField(help_text="Above zero: money came in; fees are not taken off")),
                ("fee_minor", models.BigIntegerField(default=0)),
                ("currency", models.CharField(max_length=3)),
                ("booked_on", models.DateField()),
                ("is_reversal", models.BooleanField(default=False, help_text="It takes an earlier line back")),
                ("text", models.CharField(blank=True, default="", max_length=500)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="ledger.settlementfile"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlement_lines",
                        to="ledger.payment",
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlement_lines",
                        to="ledger.refund",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "reference"], name="settlement_line_by_reference")],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "line_ref"), name="one_settlement_line_per_reference"),
                    models.CheckConstraint(
                        condition=models.Q(("fee_minor__gte", 0)), name="settlement_fee_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payment", None), ("refund", None), _connector="OR"),
                        name="settlement_line_has_one_match",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Break",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("missing_in_books", "Missing In Books"),
                            ("missing_in_file", "Missing In File"),
                            ("amount_differs", "Amount Differs"),
                            ("currency_differs", "Currency Differs"),
                            ("reversed", "taken back by the sender"),
                        ],
                        max_length=16,
                    ),
                ),
                ("in_books_minor", models.BigIntegerField(help_text="What the books say", null=True)),
                ("in_file_minor", models.BigIntegerField(help_text="What the file says", null=True)),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("resolved", "Resolved")], default="open", max_length=8
                    ),
                ),
                ("found_at", models.DateTimeField()),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("booked", "booked since"),
                            ("timing", "came with a later file"),
                            ("sender_error", "the sender was wrong and corrects it"),
                            ("not_ours", "not our money"),
                            ("accepted", "accepted as it is"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("resolved_by", models.CharField(blank=True, default="", max_length=80)),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="breaks",
                        to="ledger.payment",
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="breaks",
                        to="ledger.refund",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="breaks", to="ledger.settlementfile"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="breaks",
                        to="ledger.settlementline",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["found_at", "id"], name="break_still_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "resolved"])), name="break_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "open"),
                            models.Q(
                                models.Q(("how", ""), _negated=True), models.Q(("resolved_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="break_resolved_says_how_and_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("line__isnull", False),
                            ("payment__isnull", False),
                            ("refund__isnull", False),
                            _connector="OR",
                        ),
                        name="break_is_about_something",
                    ),
                    models.UniqueConstraint(
                        models.F("line"),
                        models.F("kind"),
                        condition=models.Q(("line__isnull", False)),
                        name="one_break_per_line_and_kind",
                    ),
                    models.UniqueConstraint(
                        models.F("payment"),
                        condition=models.Q(("kind", "missing_in_file"), ("state", "open")),
                        name="one_open_missing_per_payment",
                    ),
                    models.UniqueConstraint(
                        models.F("refund"),
                        condition=models.Q(("kind", "missing_in_file"), ("state", "open")),
                        name="one_open_missing_per_refund",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChargebackPack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("early_warning", "early warning"),
                            ("inquiry", "Inquiry"),
                            ("chargeback", "Chargeback"),
                            ("pre_arbitration", "pre-arbitration"),
                            ("arbitration", "Arbitration"),
                        ],
                        max_length=15,
                    ),
                ),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "is_late",
                    models.BooleanField(
                        default=False, help_text="Sent after the network's deadline: it may not be read"
                    ),
                ),
                ("submitted_by", models.CharField(max_length=80)),
                ("submitted_at", models.DateTimeField()),
                (
                    "chargeback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="packs", to="ledger.chargeback"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("chargeback", "stage"), name="one_chargeback_submission_per_stage"),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="chargeback_pack_has_its_hash"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChargebackStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("early_warning", "early warning"),
                            ("inquiry", "Inquiry"),
                            ("chargeback", "Chargeback"),
                            ("pre_arbitration", "pre-arbitration"),
                            ("arbitration", "Arbitration"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("received", "open"), ("won", "Won"), ("lost", "Lost"), ("accepted", "Accepted")],
                        max_length=8,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("reported_at", models.DateTimeField()),
                (
                    "chargeback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="ledger.chargeback"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("chargeback", "stage", "state"), name="one_chargeback_step_per_stage_and_state"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stage__in", ["early_warning", "inquiry", "chargeback", "pre_arbitration", "arbitration"])
                        ),
                        name="chargeback_step_stage_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Collection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.CharField(max_length=80)),
                ("opened_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "attempt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="collection", to="ledger.attempt"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="collections", to="ledger.invoice"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("invoice",),
                        name="one_open_collection_per_invoice",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CorrectionBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("finding", models.CharField(help_text="What was found, e.g. price:7", max_length=60)),
                ("terms", models.JSONField(default=dict, help_text="What the query was asked with")),
                ("currency", models.CharField(max_length=3)),
                ("root_cause", models.CharField(help_text="What went wrong, for ourselves", max_length=500)),
                (
                    "problem",
                    models.CharField(
                        blank=True, default="", help_text="The known problem behind it, as a link", max_length=60
                    ),
                ),
                (
                    "words",
                    models.JSONField(
                        default=dict, help_text="What customers read, by language: what, why and how it is fixed"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("drafted", "Drafted"),
                            ("requested", "Requested"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("reversing", "Reversing"),
                            ("reversed", "Reversed"),
                            ("declined", "Declined"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="drafted",
                        max_length=9,
                    ),
                ),
                (
                    "found",
                    models.PositiveIntegerField(default=0, help_text="Customers to be corrected when it was approved"),
                ),
                ("requested_by", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("approved_by", models.CharField(blank=True, default="", max_length=80)),
                ("approved_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, default="", max_length=80)),
                ("closed_at", models.DateTimeField(null=True)),
                ("close_reason", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "verbose_name_plural": "correction batches",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "drafted",
                                    "requested",
                                    "running",
                                    "done",
                                    "reversing",
                                    "reversed",
                                    "declined",
                                    "cancelled",
                                ],
                            )
                        ),
                        name="correction_batch_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", ""),
                            models.Q(("approved_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="correction_batch_approved_by_someone_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["running", "done", "reversing", "reversed"]), _negated=True),
                            models.Q(("approved_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="correction_batch_runs_only_when_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("root_cause", ""), _negated=True), name="correction_batch_names_its_cause"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CorrectionItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("finding", models.CharField(max_length=60)),
                ("amount_minor", models.BigIntegerField(help_text="Charged too much, tax included")),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("corrected", "Corrected"),
                            ("reversed", "Reversed"),
                            ("skipped", "Skipped"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                (
                    "skipped_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("closed", "the account is closed: pay it back by refund"),
                            ("credited", "credited before: a person looks at it"),
                            ("disputed", "in dispute: decide that first"),
                            ("not_asked", "the bill is not asked for any more"),
                            ("dropped", "the batch was dropped"),
                        ],
                        default="",
                        max_length=9,
                    ),
                ),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="ledger.correctionbatch"
                    ),
                ),
                (
                    "credit_note",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.creditnote"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="ledger.customer"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="ledger.invoiceline"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")), fields=["batch", "id"], name="correction_item_pending"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "corrected", "reversed", "skipped"])),
                        name="correction_item_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="correction_item_above_zero"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["pending", "corrected"])),
                        fields=("finding", "line"),
                        name="one_correction_per_finding_and_line",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "skipped"), ("skipped_because", ""), _connector="XOR"),
                        name="correction_item_says_why_it_is_skipped",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["corrected", "reversed"]), _negated=True),
                            ("credit_note__isnull", False),
                            _connector="OR",
                        ),
                        name="correction_item_corrected_by_a_note",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DisputeDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(max_length=40)),
                (
                    "words",
                    models.TextField(blank=True, default="", help_text="What the customer said, as it was noted"),
                ),
                ("conversation", models.CharField(help_text="The case, e.g. ticket:9", max_length=60)),
                ("received_at", models.DateTimeField(help_text="When the customer said it: the call's time")),
                ("saved_by", models.CharField(max_length=80)),
                ("saved_at", models.DateTimeField()),
                ("holds_until", models.DateTimeField()),
                ("given_up_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dispute_drafts", to="ledger.customer"
                    ),
                ),
                (
                    "dispute",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="ledger.dispute",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispute_drafts",
                        to="ledger.invoiceline",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("dispute", None), ("given_up_at", None)),
                        fields=["saved_at", "id"],
                        name="dispute_draft_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="dispute_draft_above_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dispute", None), ("given_up_at", None), _connector="OR"),
                        name="dispute_draft_opened_or_given_up",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("dispute", None), ("given_up_at", None)),
                        fields=("conversation", "line"),
                        name="one_dispute_draft_per_case_and_line",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DisputeSight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor", models.CharField(max_length=80)),
                ("material", models.PositiveIntegerField()),
                ("seen_at", models.DateTimeField()),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sights", to="ledger.dispute"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dispute", "actor"), name="one_sight_per_dispute_and_actor")
                ],
            },
        ),
        migrations.CreateModel(
            name="Ladder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "customer_kind",
                    models.CharField(
                        blank=True,
                        choices=[("consumer", "consumer"), ("business", "business")],
                        default="",
                        help_text="Empty: both",
                        max_length=10,
                    ),
                ),
                ("currency", models.CharField(blank=True, default="", help_text="Empty: every currency", max_length=3)),
                (
                    "least_minor",
                    models.BigIntegerField(
                        default=0, help_text="Nothing is done while less than this is overdue in all; needs a currency"
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_active", True)),
                        fields=("customer_kind", "currency"),
                        name="one_active_ladder_per_segment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("customer_kind__in", ["", "consumer", "business"])),
                        name="ladder_customer_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("least_minor__gte", 0)), name="ladder_threshold_not_below_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("least_minor", 0), models.Q(("currency", ""), _negated=True), _connector="OR"
                        ),
                        name="ladder_threshold_is_in_a_currency",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DunningStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("reminder", "Reminder"),
                            ("phone_task", "call the customer"),
                            ("fee", "charge for late payment"),
                            ("restrict_warning", "warn of restriction"),
                            ("restrict", "restrict access"),
                            ("final_notice", "final notice"),
                            ("write_off_proposal", "propose to write off"),
                        ],
                        max_length=18,
                    ),
                ),
                (
                    "wording",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("payment_reminder", "first reminder"),
                            ("second_reminder", "second reminder"),
                            ("restriction_warning", "warning of restriction"),
                            ("final_notice", "final notice"),
                        ],
                        default="",
                        max_length=40,
                    ),
                ),
                ("nominal_on", models.DateField(help_text="The day the ladder names")),
                ("planned_on", models.DateField(help_text="The working day it is taken on")),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "Planned"), ("taken", "Taken"), ("stopped", "Stopped")],
                        default="planned",
                        max_length=7,
                    ),
                ),
                ("taken_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True, default="", help_text="What it came to, e.g. a refusal", max_length=200
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dunning_steps", to="ledger.customer"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dunning_steps", to="ledger.invoice"
                    ),
                ),
                (
                    "ladder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="ledger.ladder"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "planned")),
                        fields=["planned_on", "customer"],
                        name="dunning_step_due",
                    ),
                    models.Index(fields=["customer", "invoice"], name="dunning_step_by_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("invoice", "position"), name="one_dunning_step_per_invoice_and_position"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["planned", "taken", "stopped"])),
                        name="dunning_step_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "action__in",
                                [
                                    "reminder",
                                    "phone_task",
                                    "fee",
                                    "restrict_warning",
                                    "restrict",
                                    "final_notice",
                                    "write_off_proposal",
                                ],
                            )
                        ),
                        name="dunning_step_action_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "taken"), ("taken_at__isnull", False)),
                            models.Q(models.Q(("state", "taken"), _negated=True), ("taken_at", None)),
                            _connector="OR",
                        ),
                        name="dunning_step_taken_has_its_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("planned_on__gte", models.F("nominal_on"))),
                        name="dunning_step_never_before_its_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EvidenceItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("message", "Message"), ("file", "File"), ("note", "Note")], max_length=7
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="What it is, e.g. message:9; the same thing is added once", max_length=100
                    ),
                ),
                ("content", models.TextField(help_text="Canonical JSON")),
                ("file", models.BinaryField(null=True)),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("added_by", models.CharField(max_length=80)),
                ("added_at", models.DateTimeField()),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence_items", to="ledger.dispute"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("dispute", "number"), name="one_evidence_item_per_number"),
                    models.UniqueConstraint(fields=("dispute", "key"), name="one_evidence_item_per_thing"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["message", "file", "note"])),
                        name="evidence_item_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("file__isnull", False), ("kind", "file")),
                            models.Q(models.Q(("kind", "file"), _negated=True), ("file", None)),
                            _connector="OR",
                        ),
                        name="evidence_item_of_a_file_has_the_file",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Freeze",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("refund", "Refund"),
                            ("credit", "Credit"),
                            ("discount", "Discount"),
                            ("write_off", "write-off"),
                            ("agreement", "Agreement"),
                            ("payment_plan", "Payment Plan"),
                            ("correction", "correction batch"),
                            ("dispute", "decision of a dispute"),
                        ],
                        max_length=20,
                    ),
                ),
                ("why", models.CharField(max_length=300)),
                ("frozen_by", models.CharField(max_length=80)),
                ("frozen_at", models.DateTimeField()),
                (
                    "lift_asked_by",
                    models.CharField(
                        blank=True, default="", help_text="Whose wish a second must confirm", max_length=80
                    ),
                ),
                ("lift_asked_at", models.DateTimeField(null=True)),
                ("lifted_by", models.CharField(blank=True, default="", max_length=80)),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)), fields=("act",), name="one_live_freeze_per_act"
                    ),
                    models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="freeze_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_by", ""),
                            models.Q(("lifted_by", models.F("lift_asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="freeze_lifted_by_a_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at", None), ("lifted_by", "")),
                            models.Q(("lifted_at__isnull", False), models.Q(("lifted_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="freeze_lifted_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GatewayCircuit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gateway", models.CharField(max_length=20, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("closed", "asked"), ("open", "resting"), ("half_open", "tried out")],
                        default="closed",
                        max_length=9,
                    ),
                ),
                ("errors", models.PositiveIntegerField(default=0, help_text="Technical errors since `counted_from`")),
                ("counted_from", models.DateTimeField(null=True)),
                ("tripped_at", models.DateTimeField(null=True)),
                ("try_again_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["closed", "open", "half_open"])),
                        name="gateway_circuit_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "closed"), ("try_again_at__isnull", False), _connector="OR"),
                        name="gateway_rests_until_a_moment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GatewayReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gateway", models.CharField(max_length=20)),
                ("report_id", models.CharField(max_length=100)),
                ("body_hash", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=60)),
                (
                    "subject",
                    models.CharField(
                        blank=True, default="", help_text="What it was about, e.g. attempt:7", max_length=60
                    ),
                ),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("gateway", "report_id", "body_hash"), name="gateway_report_is_kept_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HardshipCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("cannot_pay", "cannot pay at the moment"),
                            ("insolvency", "insolvent, says the customer or an adviser"),
                        ],
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(help_text="What the customer, or an adviser, said", max_length=500)),
                (
                    "said_by",
                    models.CharField(
                        blank=True, default="", help_text="An adviser who speaks for them", max_length=200
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                (
                    "can_pay_monthly_minor",
                    models.BigIntegerField(help_text="What they said they can pay a month", null=True),
                ),
                ("conversation", models.CharField(blank=True, default="", max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[("opened", "Opened"), ("reviewed", "Reviewed"), ("ended", "Ended")],
                        default="opened",
                        max_length=8,
                    ),
                ),
                ("review_on", models.DateField(help_text="When somebody looks at it again")),
                ("opened_by", models.CharField(max_length=80)),
                ("opened_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("plan", "payment plan proposed"),
                            ("pause", "time to breathe"),
                            ("cheaper", "a cheaper plan, or none"),
                            ("nothing", "no help needed"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("reviewed_by", models.CharField(blank=True, default="", max_length=80)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hardship_cases", to="ledger.customer"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ended"), _negated=True),
                        fields=["review_on", "id"],
                        name="hardship_case_live",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["opened", "reviewed", "ended"])),
                        name="hardship_case_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cause__in", ["cannot_pay", "insolvency"])),
                        name="hardship_case_cause_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="hardship_case_says_what_was_said"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("can_pay_monthly_minor", None), ("can_pay_monthly_minor__gte", 0), _connector="OR"
                        ),
                        name="hardship_case_amount_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "opened"),
                            ("state", "ended"),
                            models.Q(("outcome", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="hardship_case_reviewed_says_how",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "ended"), _negated=True),
                        fields=("customer",),
                        name="one_live_hardship_case_per_customer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("payment_plan", "Payment Plan"),
                            ("promise", "promise to pay"),
                            ("hardship", "Hardship"),
                            ("insolvency", "Insolvency"),
                            ("review", "Review"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "stops",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("collection", "charging the method on file"),
                                ("reminders", "Reminders"),
                                ("fees", "late fees and interest"),
                                ("restriction", "restriction of access"),
                            ],
                            max_length=11,
                        ),
                        size=None,
                    ),
                ),
                ("source", models.CharField(help_text="What it comes from, e.g. payment_plan:7", max_length=60)),
                ("why", models.CharField(max_length=300)),
                ("placed_by", models.CharField(max_length=80)),
                ("placed_at", models.DateTimeField()),
                ("until", models.DateTimeField(help_text="It ends by itself then", null=True)),
                ("lifted_by", models.CharField(blank=True, default="", max_length=80)),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="ledger.customer"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="ledger.invoice",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at", None)), fields=["customer", "invoice"], name="hold_live"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("stops", []), _negated=True), name="hold_stops_something"
                    ),
                    models.CheckConstraint(condition=models.Q(("why", ""), _negated=True), name="hold_says_why"),
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("source", "invoice"),
                        name="one_live_hold_per_source_and_invoice",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customers", "Customers"),
                            ("products", "Products"),
                            ("prices", "plans and prices"),
                            ("subscriptions", "Subscriptions"),
                            ("invoices", "open invoices"),
                        ],
                        max_length=13,
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("csv", "CSV with our columns"),
                            ("stripe", "Stripe: objects of the API (JSON)"),
                            ("stripe_csv", "Stripe: CSV export of the Dashboard"),
                        ],
                        default="csv",
                        max_length=10,
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(help_text="Of the file as it came", max_length=64)),
                ("size", models.BigIntegerField(help_text="Bytes")),
                ("is_dry_run", models.BooleanField(default=False)),
                ("is_all_or_nothing", models.BooleanField(default=False)),
                (
                    "default_country",
                    models.CharField(blank=True, default="", help_text="Where a row names none", max_length=2),
                ),
                (
                    "default_currency",
                    models.CharField(blank=True, default="", help_text="Where a row names none", max_length=3),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("refused", "Refused"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("rows", models.PositiveIntegerField(default=0, help_text="Rows of the file; of bills, bills")),
                ("done", models.PositiveIntegerField(default=0, help_text="Rows looked at so far")),
                ("imported", models.PositiveIntegerField(default=0)),
                ("known", models.PositiveIntegerField(default=0, help_text="Imported before, with the same content")),
                (
                    "changed",
                    models.PositiveIntegerField(
                        default=0, help_text="Imported before, with other content; left as they were"
                    ),
                ),
                ("refused", models.PositiveIntegerField(default=0)),
                (
                    "left_out",
                    models.PositiveIntegerField(default=0, help_text="Nothing to import, such as a bill that is paid"),
                ),
                (
                    "totals",
                    models.JSONField(blank=True, default=list, help_text="Control totals per currency: file and books"),
                ),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("requested_by", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField(help_text="When a worker was last seen at it", null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["id"],
                        name="import_run_to_do",
                    ),
                    models.Index(fields=["sha256"], name="import_run_by_file"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "running", "finished", "refused"])),
                        name="import_run_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["customers", "products", "prices", "subscriptions", "invoices"])
                        ),
                        name="import_run_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("form__in", ["csv", "stripe", "stripe_csv"])), name="import_form_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "finished"), _negated=True),
                            (
                                "rows",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("imported"), "+", models.F("known")
                                            ),
                                            "+",
                                            models.F("changed"),
                                        ),
                                        "+",
                                        models.F("refused"),
                                    ),
                                    "+",
                                    models.F("left_out"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="import_accounts_for_every_row",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="import_refused_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customers", "Customers"),
                            ("products", "Products"),
                            ("prices", "plans and prices"),
                            ("subscriptions", "Subscriptions"),
                            ("invoices", "open invoices"),
                        ],
                        max_length=13,
                    ),
                ),
                ("external_id", models.CharField(max_length=100)),
                ("subject", models.CharField(help_text="What it became here, e.g. customer:17", max_length=60)),
                ("fingerprint", models.CharField(help_text="SHA-256 of what the row said", max_length=64)),
                ("line", models.PositiveIntegerField()),
                ("data", models.JSONField(blank=True, default=dict, help_text="What later files need")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="records", to="ledger.importrun"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["run", "line"], name="imported_record_by_run")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "external_id"), name="one_record_per_row_of_another_system"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("external_id", ""), _negated=True), name="imported_record_has_an_id"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportFilePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                ("position", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("kept_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("sha256", "position"), name="one_import_file_part_per_position")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportProblem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField(help_text="Of the file; in JSON, the number of the entry")),
                ("external_id", models.CharField(blank=True, default="", max_length=100)),
                ("kind", models.CharField(choices=[("refused", "Refused"), ("changed", "Changed")], max_length=7)),
                ("message", models.CharField(max_length=1000)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="problems", to="ledger.importrun"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["run", "line", "id"], name="import_problem_by_line")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["refused", "changed"])), name="import_problem_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("message", ""), _negated=True), name="import_problem_says_what"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("agreed_minor", models.BigIntegerField(help_text="What it was agreed for")),
                ("covered_minor", models.BigIntegerField(help_text="What its instalments add up to now")),
                (
                    "can_pay_monthly_minor",
                    models.BigIntegerField(help_text="What the customer said they can pay a month"),
                ),
                (
                    "every",
                    models.CharField(
                        choices=[("week", "Week"), ("fortnight", "Fortnight"), ("month", "Month")],
                        default="month",
                        max_length=9,
                    ),
                ),
                (
                    "charges_automatically",
                    models.BooleanField(default=True, help_text="Each instalment is charged on its day"),
                ),
                ("language", models.CharField(max_length=12)),
                ("wording_version", models.PositiveSmallIntegerField()),
                ("wording", models.TextField()),
                ("wording_hash", models.CharField(help_text="SHA-256 of the wording", max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting_approval", "waiting for approval"),
                            ("proposed", "Proposed"),
                            ("active", "Active"),
                            ("kept", "Kept"),
                            ("settled_early", "settled early"),
                            ("defaulted", "Defaulted"),
                            ("declined", "Declined"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="proposed",
                        max_length=16,
                    ),
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
                ("open_until", models.DateField(help_text="The last day on which it can be accepted")),
                ("approved_by", models.CharField(blank=True, default="", max_length=80)),
                ("approved_at", models.DateTimeField(null=True)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, default="", max_length=80)),
                ("closed_at", models.DateTimeField(null=True)),
                ("close_reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payment_plans", to="ledger.customer"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-id"], name="payment_plan_by_customer"),
                    models.Index(condition=models.Q(("closed_at", None)), fields=["id"], name="payment_plan_live"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting_approval", "proposed", "active", "kept"]),
                            ("state__in", ["settled_early", "defaulted", "declined", "cancelled"]),
                            _connector="OR",
                        ),
                        name="payment_plan_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("every__in", ["week", "fortnight", "month"])),
                        name="payment_plan_rhythm_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("agreed_minor__gt", 0), ("covered_minor__gte", 0)),
                        name="payment_plan_is_for_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("can_pay_monthly_minor__gt", 0)), name="payment_plan_asked_what_can_be_paid"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", ""),
                            models.Q(("approved_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="payment_plan_approved_by_someone_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["active", "kept", "settled_early", "defaulted"]), _negated=True),
                            ("agreed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="payment_plan_runs_only_when_agreed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting_approval", "proposed", "active"]),
                            ("closed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="payment_plan_over_says_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Instalment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("agreed_on", models.DateField()),
                ("due_on", models.DateField(help_text="The day agreed on, or the next business day")),
                ("agreed_minor", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("paid_minor", models.BigIntegerField(default=0)),
                ("waived_minor", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("due", "Due"), ("paid", "Paid"), ("missed", "Missed"), ("waived", "Waived")],
                        default="due",
                        max_length=6,
                    ),
                ),
                ("announced_on", models.DateField(help_text="When the customer was told that it is near", null=True)),
                ("tried_on", models.DateField(help_text="When it was last charged automatically", null=True)),
                ("cure_until", models.DateField(help_text="Until when a missed one can be made good", null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="instalments", to="ledger.paymentplan"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["due", "missed"])),
                        fields=["due_on", "id"],
                        name="instalment_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["due", "paid", "missed", "waived"])),
                        name="instalment_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1), ("position__lte", 36)), name="instalments_are_2_to_36"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("paid_minor__gte", 0),
                            ("waived_minor__gte", 0),
                            (
                                "amount_minor__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("paid_minor"), "+", models.F("waived_minor")
                                ),
                            ),
                        ),
                        name="instalment_never_settled_twice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["due", "missed"]),
                            (
                                "amount_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("paid_minor"), "+", models.F("waived_minor")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="instalment_settled_means_nothing_left",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("agreed_on"))), name="instalment_never_due_early"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "missed"), _negated=True), ("cure_until__isnull", False), _connector="OR"
                        ),
                        name="instalment_missed_can_be_cured",
                    ),
                    models.UniqueConstraint(fields=("plan", "position"), name="instalment_positions_differ"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LateFee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("interest", "Interest"), ("fixed", "fixed sum")], max_length=8)),
                ("span_start", models.DateField()),
                ("span_end", models.DateField(help_text="The first day after the span")),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("formula", models.JSONField(help_text="Every figure it was computed from")),
                ("explanation", models.TextField(help_text="The same as a sentence, in the customer's language")),
                ("charged_at", models.DateTimeField()),
                ("charged_by", models.CharField(max_length=80)),
                ("waived_by", models.CharField(blank=True, default="", max_length=80)),
                ("waived_at", models.DateTimeField(null=True)),
                ("waiver_reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "charge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="late_fee", to="ledger.charge"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="late_fees", to="ledger.customer"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="late_fees", to="ledger.invoice"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "-id"], name="late_fee_by_customer")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("invoice", "kind", "span_start"), name="one_late_fee_per_invoice_and_span"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "fixed")),
                        fields=("invoice",),
                        name="one_fixed_late_fee_per_invoice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["interest", "fixed"])), name="late_fee_kind_is_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="late_fee_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(("span_end__gt", models.F("span_start"))), name="late_fee_span_is_half_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("waived_at", None),
                            models.Q(
                                models.Q(("waiver_reason", ""), _negated=True),
                                models.Q(("waived_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="late_fee_waived_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "network",
                    models.CharField(
                        blank=True, default="", help_text="visa, mastercard; empty: any other", max_length=20
                    ),
                ),
                (
                    "category",
                    models.CharField(help_text="Which declines it is about, in the network's words", max_length=60),
                ),
                ("most", models.PositiveIntegerField(help_text="Tries within the window, the first one counted")),
                ("window_days", models.PositiveIntegerField(help_text="The window rolls; 1 is 24 hours")),
                (
                    "basis",
                    models.CharField(choices=[("card", "card"), ("card_and_amount", "card and amount")], max_length=15),
                ),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(blank=True, help_text="The first day it no longer holds", null=True)),
                ("source", models.CharField(help_text="Where the network says so", max_length=300)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("basis__in", ["card", "card_and_amount"])), name="cap_basis_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("most__gte", 1), ("window_days__gte", 1)),
                        name="cap_lets_the_first_try_through",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="cap_holds_for_a_while",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="cap_names_its_source"
                    ),
                    models.UniqueConstraint(
                        fields=("network", "category", "basis", "window_days", "valid_from"),
                        name="one_cap_per_rule_and_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payment_links", to="ledger.customer"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payment_links", to="ledger.invoice"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("made_at"))), name="payment_link_lives_a_while"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentPromise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("pay_by", models.DateField(help_text="The day the customer named")),
                (
                    "counted_until",
                    models.DateField(help_text="That day, or the next working day: money cannot arrive on a holiday"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("kept", "Kept"),
                            ("partly", "partly kept"),
                            ("broken", "Broken"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                (
                    "came_in_minor",
                    models.BigIntegerField(default=0, help_text="Paid on its bills since, when it was closed"),
                ),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                (
                    "conversation",
                    models.CharField(blank=True, default="", help_text="Where it was given, ticket:9", max_length=60),
                ),
                ("closed_by", models.CharField(blank=True, default="", max_length=80)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payment_promises",
                        to="ledger.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["counted_until"], name="payment_promise_due"
                    ),
                    models.Index(fields=["customer", "-id"], name="payment_promise_by_customer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "kept", "partly", "broken", "withdrawn"])),
                        name="payment_promise_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="payment_promise_above_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("counted_until__gte", models.F("pay_by"))),
                        name="payment_promise_counts_the_day_it_names",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "kept"), _negated=True),
                            ("came_in_minor__gte", models.F("amount_minor")),
                            _connector="OR",
                        ),
                        name="payment_promise_kept_means_paid",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("customer",),
                        name="one_open_payment_promise_per_customer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("accepted_by", models.CharField(help_text="The person, as they are known", max_length=200)),
                (
                    "channel",
                    models.CharField(
                        choices=[("portal", "Portal"), ("phone", "Phone"), ("email", "e-mail"), ("letter", "Letter")],
                        max_length=6,
                    ),
                ),
                ("wording_version", models.PositiveSmallIntegerField()),
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
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="acceptance", to="ledger.paymentplan"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["portal", "phone", "email", "letter"])),
                        name="plan_acceptance_channel_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel", "portal"), models.Q(("proof_reference", ""), _negated=True), _connector="OR"
                        ),
                        name="plan_acceptance_elsewhere_is_proved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanBill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("covered_minor", models.BigIntegerField(help_text="What was due on it, disputed parts left out")),
                ("paid_before_minor", models.BigIntegerField()),
                ("disputed_before_minor", models.BigIntegerField()),
                (
                    "disputed_seen_minor",
                    models.BigIntegerField(help_text="What was on hold when the plan last followed it"),
                ),
                ("is_live", models.BooleanField(default=True)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payment_plans", to="ledger.invoice"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bills", to="ledger.paymentplan"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "invoice"), name="payment_plan_covers_a_bill_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_live", True)),
                        fields=("invoice",),
                        name="one_live_payment_plan_per_bill",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("covered_minor__gt", 0)), name="payment_plan_covers_what_is_due"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PromisedInvoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("paid_before_minor", models.BigIntegerField()),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="promised_in", to="ledger.invoice"
                    ),
                ),
                (
                    "promise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bills", to="ledger.paymentpromise"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("promise", "invoice"), name="promise_names_each_invoice_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ProvisionalCredit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField()),
                ("kept_minor", models.BigIntegerField(default=0, help_text="Became the customer's own by a decision")),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("given", "Given"),
                            ("settled", "Settled"),
                            ("announced", "Announced"),
                            ("reversed", "Reversed"),
                        ],
                        default="given",
                        max_length=9,
                    ),
                ),
                ("given_by", models.CharField(max_length=80)),
                ("given_at", models.DateTimeField()),
                (
                    "reverse_on",
                    models.DateField(help_text="The notice period ends: it is taken back from this day on", null=True),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("entry_key", models.CharField(max_length=120)),
                ("reversal_key", models.CharField(blank=True, default="", max_length=120)),
                (
                    "dispute",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="provisional_credit",
                        to="ledger.dispute",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "announced")),
                        fields=["reverse_on", "id"],
                        name="provisional_credit_announced",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["given", "settled", "announced", "reversed"])),
                        name="provisional_credit_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gt", 0),
                            ("kept_minor__gte", 0),
                            ("amount_minor__gte", models.F("kept_minor")),
                        ),
                        name="provisional_credit_above_zero",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "announced"), _negated=True),
                            ("reverse_on__isnull", False),
                            _connector="OR",
                        ),
                        name="provisional_credit_announced_for_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "reversed"), _negated=True),
                            models.Q(("reversal_key", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="provisional_credit_names_its_reversal",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Retry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.CharField(
                        help_text="on_schedule after a decline, soon after a technical fault", max_length=14
                    ),
                ),
                ("schedule", models.CharField(help_text="The name of the schedule it follows", max_length=60)),
                ("number", models.PositiveSmallIntegerField()),
                ("amount_minor", models.BigIntegerField(help_text="What was due when it was planned")),
                ("currency", models.CharField(max_length=3)),
                ("planned_for", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("done", "Done"),
                            ("skipped", "Skipped"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=9,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        blank=True, default="", help_text="Why it was skipped or cancelled", max_length=300
                    ),
                ),
                ("planned_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(help_text="When a worker took it up", null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "attempt",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retry",
                        to="ledger.attempt",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="retries", to="ledger.customer"
                    ),
                ),
                (
                    "failed",
                    models.ForeignKey(
                        help_text="The failure it is planned for",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retries",
                        to="ledger.payment",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="retries", to="ledger.invoice"
                    ),
                ),
                (
                    "method",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="retries", to="ledger.paymentmethod"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "retries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "planned")),
                        fields=["planned_for", "id"],
                        name="retry_still_planned",
                    ),
                    models.Index(
                        condition=models.Q(("state", "done")), fields=["settled_at"], name="retry_done_lately"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["planned", "done", "skipped", "cancelled"])),
                        name="retry_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rule__in", ["on_schedule", "soon"])), name="retry_rule_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["skipped", "cancelled"]), _negated=True),
                            models.Q(("why", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="retry_not_made_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True), ("attempt__isnull", False), _connector="OR"
                        ),
                        name="retry_done_has_its_attempt",
                    ),
                    models.UniqueConstraint(
                        fields=("invoice", "method", "rule", "number"), name="one_retry_per_place_in_the_plan"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetrySchedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "segment",
                    models.CharField(
                        choices=[("everybody", "Everybody"), ("consumer", "Consumer"), ("business", "Business")],
                        max_length=9,
                        unique=True,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "offsets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        help_text="Days after the first failure: 2, 7, 14, 21",
                        size=None,
                    ),
                ),
                (
                    "may_move_days",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How far a try may move to a day on which more payments succeed"
                    ),
                ),
                (
                    "most_tries",
                    models.PositiveSmallIntegerField(blank=True, help_text="The first one counted", null=True),
                ),
                ("most_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "waits_s",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Seconds to wait after technical faults",
                        size=None,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("segment__in", ["everybody", "consumer", "business"])),
                        name="retry_segment_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("may_move_days__lte", 10)), name="retry_moves_ten_days_at_most"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("offsets__len__lte", 60)), name="retry_schedule_is_short"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rung",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days_after_due", models.PositiveSmallIntegerField()),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("reminder", "Reminder"),
                            ("phone_task", "call the customer"),
                            ("fee", "charge for late payment"),
                            ("restrict_warning", "warn of restriction"),
                            ("restrict", "restrict access"),
                            ("final_notice", "final notice"),
                            ("write_off_proposal", "propose to write off"),
                        ],
                        max_length=18,
                    ),
                ),
                (
                    "wording",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("payment_reminder", "first reminder"),
                            ("second_reminder", "second reminder"),
                            ("restriction_warning", "warning of restriction"),
                            ("final_notice", "final notice"),
                        ],
                        default="",
                        help_text="Which message is sent; empty: none",
                        max_length=40,
                    ),
                ),
                (
                    "ladder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rungs", to="ledger.ladder"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("ladder", "days_after_due"), name="one_rung_per_ladder_and_day"),
                    models.CheckConstraint(
                        condition=models.Q(("days_after_due__gt", 0)), name="rung_is_after_the_due_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "action__in",
                                [
                                    "reminder",
                                    "phone_task",
                                    "fee",
                                    "restrict_warning",
                                    "restrict",
                                    "final_notice",
                                    "write_off_proposal",
                                ],
                            )
                        ),
                        name="rung_action_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("action__in", ["reminder", "restrict_warning", "final_notice"]),
                                (
                                    "wording__in",
                                    ["payment_reminder", "second_reminder", "restriction_warning", "final_notice"],
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    ("action__in", ["reminder", "restrict_warning", "final_notice"]), _negated=True
                                ),
                                ("wording", ""),
                            ),
                            _connector="OR",
                        ),
                        name="rung_that_tells_has_a_wording",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="chargeback",
            name="chargeback_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="dispute",
            name="dispute_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="dispute",
            name="dispute_parts_add_up",
        ),
        migrations.RemoveConstraint(
            model_name="dispute",
            name="dispute_decided_by_someone",
        ),
        migrations.RemoveConstraint(
            model_name="dispute",
            name="one_open_dispute_per_line",
        ),
        migrations.RemoveConstraint(
            model_name="jurisdictionrule",
            name="jurisdiction_rule_kind_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="paymentallocation",
            name="allocation_above_zero",
        ),
        migrations.RemoveConstraint(
            model_name="refund",
            name="refund_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="refund",
            name="refund_moves_only_when_approved",
        ),
        migrations.RemoveConstraint(
            model_name="refund",
            name="refund_paid_is_traced",
        ),
        migrations.RemoveIndex(
            model_name="dispute",
            name="dispute_open",
        ),
        migrations.AddField(
            model_name="approval",
            name="needed",
            field=models.PositiveSmallIntegerField(default=1, help_text="How many people have to agree"),
        ),
        migrations.AddField(
            model_name="approval",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                default=list,
                help_text="Who may; empty: by limit",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="chargeback",
            name="due_at",
            field=models.DateTimeField(help_text="By when the network wants our answer at this stage", null=True),
        ),
        migrations.AddField(
            model_name="chargeback",
            name="is_taken",
            field=models.BooleanField(default=False, help_text="The bank holds the money now"),
        ),
        migrations.AddField(
            model_name="chargeback",
            name="stage",
            field=models.CharField(
                choices=[
                    ("early_warning", "early warning"),
                    ("inquiry", "Inquiry"),
                    ("chargeback", "Chargeback"),
                    ("pre_arbitration", "pre-arbitration"),
                    ("arbitration", "Arbitration"),
                ],
                default="chargeback",
                max_length=15,
            ),
        ),
        migrations.AddField(
            model_name="chargeback",
            name="takings",
            field=models.PositiveSmallIntegerField(default=1, help_text="How often the bank took it, for entry keys"),
        ),
        migrations.AddField(
            model_name="chargeback",
            name="warned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="acknowledge_by",
            field=models.DateTimeField(help_text="When the customer must have our confirmation", null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="acknowledged_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="because",
            field=models.JSONField(
                blank=True, default=list, help_text="The facts behind the recommendation, as sentences"
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="clock_rule_id",
            field=models.BigIntegerField(help_text="The jurisdiction rule; empty: our own promise", null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="clock_source",
            field=models.CharField(blank=True, default="", help_text="The rule the clocks come from", max_length=500),
        ),
        migrations.AddField(
            model_name="dispute",
            name="closed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="deviation",
            field=models.TextField(blank=True, default="", help_text="Why the decision is not what was recommended"),
        ),
        migrations.AddField(
            model_name="dispute",
            name="first_decided_by",
            field=models.CharField(blank=True, default="", help_text="Who decided before an appeal", max_length=80),
        ),
        migrations.AddField(
            model_name="dispute",
            name="first_outcome",
            field=models.CharField(blank=True, default="", max_length=14),
        ),
        migrations.AddField(
            model_name="dispute",
            name="granted_minor",
            field=models.BigIntegerField(default=0, help_text="Given to the customer by the decisions so far"),
        ),
        migrations.AddField(
            model_name="dispute",
            name="material",
            field=models.PositiveIntegerField(
                default=0, help_text="How many messages and pieces of evidence came later"
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="outcome",
            field=models.CharField(
                blank=True, default="", help_text="The last decision, kept when closed", max_length=14
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="received_at",
            field=models.DateTimeField(help_text="When the customer told us; the clocks run from here", null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="recommended",
            field=models.CharField(blank=True, default="", help_text="What the facts recommended", max_length=14),
        ),
        migrations.AddField(
            model_name="dispute",
            name="regime",
            field=models.CharField(
                choices=[
                    ("bill", "a bill of ours"),
                    ("credit", "a credit account"),
                    ("transfer", "an electronic transfer"),
                ],
                default="bill",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="settled_minor",
            field=models.BigIntegerField(default=0, help_text="Granted before an appeal, so not held again"),
        ),
        migrations.AddField(
            model_name="dispute",
            name="warned_acknowledge_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="warned_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="payment",
            name="contested_at",
            field=models.DateTimeField(help_text="A bank questions it since then: nothing is refunded", null=True),
        ),
        migrations.AddField(
            model_name="paymentmethod",
            name="is_single_use",
            field=models.BooleanField(default=False, help_text="For one payment through a link; never on file"),
        ),
        migrations.AddField(
            model_name="refund",
            name="arrives_by",
            field=models.DateField(help_text="Last day on which it should", null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="arrives_from",
            field=models.DateField(help_text="First day on which the money should be there", null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="delay_told_at",
            field=models.DateTimeField(help_text="When the customer was told that it takes longer", null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="method",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="ledger.paymentmethod",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="promised_by",
            field=models.DateField(help_text="The last day that the customer was told first", null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="release_at",
            field=models.DateTimeField(help_text="Not sent before: a new account is watched for a while", null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="route",
            field=models.CharField(
                choices=[
                    ("original", "the way it was paid"),
                    ("another", "another card or account"),
                    ("credit", "credit on the account"),
                ],
                default="original",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="sending",
            field=models.PositiveSmallIntegerField(default=1, help_text="The how many-th way out it is on"),
        ),
        migrations.AddField(
            model_name="refund",
            name="sent_at",
            field=models.DateTimeField(help_text="When it left us last", null=True),
        ),
        migrations.AddField(
            model_name="refund",
            name="settled_on",
            field=models.DateField(help_text="When it arrived", null=True),
        ),
        migrations.AddField(
            model_name="sandboxtransfer",
            name="asked",
            field=models.PositiveIntegerField(default=1, help_text="How often this key was asked for"),
        ),
        migrations.AddField(
            model_name="sandboxtransfer",
            name="reached",
            field=models.BooleanField(default=True, help_text="Whether the request arrived; a repeat of it will"),
        ),
        migrations.AddField(
            model_name="sandboxtransfer",
            name="settles_at",
            field=models.DateTimeField(help_text="When it is known whether the money came; None: at once", null=True),
        ),
        migrations.AddField(
            model_name="sandboxtransfer",
            name="token",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
        migrations.AddField(
            model_name="subscriptionterms",
            name="ends_on",
            field=models.DateField(help_text="The first day after the fixed term; empty: there is none", null=True),
        ),
        migrations.AddField(
            model_name="subscriptionterms",
            name="notice_days",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="subscriptionterms",
            name="renews_months",
            field=models.PositiveSmallIntegerField(default=0, help_text="By how much the term goes on; 0: it ends"),
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
                    ("payment_plan", "Payment Plan"),
                    ("correction", "correction batch"),
                    ("dispute", "decision of a dispute"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="approval",
            name="customer_id",
            field=models.BigIntegerField(help_text="Empty where many customers are meant", null=True),
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
                    ("payment_plan", "Payment Plan"),
                    ("correction", "correction batch"),
                    ("dispute", "decision of a dispute"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="chargeback",
            name="state",
            field=models.CharField(
                choices=[("received", "open"), ("won", "Won"), ("lost", "Lost"), ("accepted", "Accepted")],
                default="received",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="dispute",
            name="state",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("acknowledged", "Acknowledged"),
                    ("in_review", "In Review"),
                    ("upheld", "Upheld"),
                    ("partly_upheld", "Partly Upheld"),
                    ("rejected", "Rejected"),
                    ("withdrawn", "Withdrawn"),
                    ("closed", "Closed"),
                ],
                default="opened",
                max_length=14,
            ),
        ),
        migrations.AlterField(
            model_name="jurisdictionrule",
            name="kind",
            field=models.CharField(
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
                    ("dispute_clock", "By when a dispute is confirmed and answered"),
                    ("language", "Languages texts must be in"),
                    ("free_advice", "Free advice for people with debts"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("approved", "Approved"),
                    ("submitted", "Submitted"),
                    ("paid", "Paid"),
                    ("settled", "Settled"),
                    ("failed", "Failed"),
                    ("declined", "Declined"),
                    ("cancelled", "Cancelled"),
                ],
                default="requested",
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="chargeback",
            index=models.Index(
                condition=models.Q(("state", "received")), fields=["due_at", "id"], name="chargeback_open_by_deadline"
            ),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("state__in", ["opened", "acknowledged", "in_review"])),
                fields=["due_at", "id"],
                name="dispute_open",
            ),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(fields=["conversation"], name="dispute_by_conversation"),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("state__in", ["upheld", "partly_upheld", "rejected", "withdrawn"])),
                fields=["decided_at", "id"],
                name="dispute_to_close",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeback",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["received", "won", "lost", "accepted"])),
                name="chargeback_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage__in", ["early_warning", "inquiry", "chargeback", "pre_arbitration", "arbitration"])
                ),
                name="chargeback_stage_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_taken", False),
                    models.Q(
                        models.Q(("stage__in", ["early_warning", "inquiry"]), _negated=True),
                        models.Q(("state", "won"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="chargeback_takes_money_only_from_its_stage_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "opened",
                            "acknowledged",
                            "in_review",
                            "upheld",
                            "partly_upheld",
                            "rejected",
                            "withdrawn",
                            "closed",
                        ],
                    )
                ),
                name="dispute_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amount_minor",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("unpaid_minor"), "+", models.F("paid_minor")
                            ),
                            "+",
                            models.F("settled_minor"),
                        ),
                    )
                ),
                name="dispute_parts_add_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_minor__gte", 0),
                    ("granted_minor__gte", models.F("settled_minor")),
                    ("amount_minor__gte", models.F("granted_minor")),
                ),
                name="dispute_never_grants_more_than_was_disputed",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["opened", "acknowledged", "in_review", "withdrawn"]),
                    models.Q(("decided_by", ""), _negated=True),
                    _connector="OR",
                ),
                name="dispute_decided_by_someone",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["upheld", "partly_upheld", "rejected"]), _negated=True),
                    ("first_decided_by", ""),
                    models.Q(("first_decided_by", models.F("decided_by")), _negated=True),
                    _connector="OR",
                ),
                name="dispute_appeal_decided_by_someone_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["opened", "acknowledged", "in_review"])),
                fields=("line",),
                name="one_open_dispute_per_line",
            ),
        ),
        migrations.AddConstraint(
            model_name="jurisdictionrule",
            constraint=models.CheckConstraint(
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
                            "dispute_clock",
                            "language",
                            "free_advice",
                        ],
                    )
                ),
                name="jurisdiction_rule_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentallocation",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", 0)), name="allocation_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentmethod",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_single_use", False), ("removed_at__isnull", False), _connector="OR"),
                name="single_use_is_never_on_file",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="freeze",
            field=models.ForeignKey(
                help_text="The freeze the customer was told of",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.freeze",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("delay_told_at", None), ("state", "paid")),
                fields=["arrives_by", "id"],
                name="refund_on_its_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["requested", "approved", "submitted", "paid", "settled", "failed", "declined", "cancelled"],
                    )
                ),
                name="refund_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["approved", "submitted", "paid", "settled", "failed"]), _negated=True),
                    models.Q(("approved_by", ""), _negated=True),
                    _connector="OR",
                ),
                name="refund_moves_only_when_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["paid", "settled"]), _negated=True),
                    ("route", "credit"),
                    models.Q(("gateway_reference", ""), _negated=True),
                    _connector="OR",
                ),
                name="refund_paid_is_traced",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method", None), ("route__in", ["original", "credit"])),
                    models.Q(("method__isnull", False), ("route", "another")),
                    _connector="OR",
                ),
                name="refund_to_another_method_names_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("arrives_by", None), ("arrives_from", None)),
                    ("arrives_by__gte", models.F("arrives_from")),
                    _connector="OR",
                ),
                name="refund_arrives_in_a_span",
            ),
        ),
    ]
