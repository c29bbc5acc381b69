import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

from ledger import migrating


class Migration(migrating.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField()),
                ("owner", models.TextField(blank=True, default="")),
                ("currency", models.CharField(max_length=3)),
                ("normal_side", models.CharField(choices=[("debit", "Debit"), ("credit", "Credit")], max_length=6)),
                ("buffered", models.BooleanField()),
                ("floor_minor", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "owner", "currency"), name="account_exists_once"),
                    models.UniqueConstraint(fields=("id", "currency"), name="account_has_one_currency"),
                    models.CheckConstraint(
                        condition=models.Q(("normal_side__in", ["debit", "credit"])),
                        name="account_grows_on_debit_or_credit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("buffered", False), ("floor_minor__isnull", True), _connector="OR"),
                        name="account_with_floor_is_not_buffered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(help_text="What is to be approved, e.g. refund:42", max_length=60)),
                (
                    "act",
                    models.CharField(
                        choices=[("refund", "Refund"), ("credit", "Credit"), ("discount", "Discount")], max_length=20
                    ),
                ),
                ("customer_id", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("why", models.CharField(help_text="Why the requester could not decide alone", max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("requested_by", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, default="", max_length=80)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["requested_at", "id"], name="approval_waiting"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "approved", "declined", "cancelled"])),
                        name="approval_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(("decided_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="approval_by_someone_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "waiting"), models.Q(("decided_by", ""), _negated=True), _connector="OR"
                        ),
                        name="approval_decided_by_someone",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("subject",),
                        name="one_open_approval_per_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuthorityLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=40)),
                (
                    "act",
                    models.CharField(
                        choices=[("refund", "Refund"), ("credit", "Credit"), ("discount", "Discount")], max_length=20
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField(help_text="In minor units (cents)")),
                (
                    "window_hours",
                    models.PositiveIntegerField(default=24, help_text="Gifts to one customer within it are added up"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("role", "act", "currency"), name="one_authority_limit_per_role_act_currency"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", 0)), name="authority_limit_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BalanceDelta",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(help_text="C-000017, printed on every bill", max_length=20, unique=True)),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[("consumer", "Consumer"), ("business", "Business")], default="consumer", max_length=10
                    ),
                ),
                ("language", models.CharField(default="en", help_text="IETF tag, e.g. de-DE", max_length=12)),
                ("country", models.CharField(help_text="ISO 3166-1 code, e.g. DE", max_length=2)),
                (
                    "region",
                    models.CharField(blank=True, default="", help_text="ISO 3166-2 code, e.g. US-CA", max_length=6),
                ),
                ("time_zone", models.CharField(default="Europe/Berlin", max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("vat_id", models.CharField(blank=True, default="", max_length=20)),
                ("external_id", models.CharField(max_length=100, null=True, unique=True)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(django.db.models.functions.text.Lower("name"), name="customer_by_name")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["consumer", "business"])), name="customer_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="customer_country_is_iso"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="customer_currency_is_iso"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Charge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("description", models.CharField(max_length=200)),
                ("amount_minor", models.BigIntegerField(help_text="Net, in minor units")),
                ("currency", models.CharField(max_length=3)),
                ("tax_rate", models.DecimalField(decimal_places=3, default=0, help_text="Per cent", max_digits=6)),
                ("charged_on", models.DateField(help_text="The day it takes effect, in the customer's time zone")),
                ("period_start", models.DateField(null=True)),
                ("period_end", models.DateField(help_text="The first day after the period", null=True)),
                (
                    "source",
                    models.CharField(
                        blank=True, default="", help_text="What caused it, e.g. subscription:9", max_length=60
                    ),
                ),
                ("external_id", models.CharField(max_length=100, null=True, unique=True)),
                ("added_by", models.CharField(max_length=80)),
                ("added_at", models.DateTimeField()),
                ("reversed_at", models.DateTimeField(null=True)),
                ("reversal_reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="charges", to="ledger.customer"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-charged_on", "-id"], name="charge_by_customer"),
                    models.Index(
                        condition=models.Q(("reversed_at", None)), fields=["customer"], name="charge_not_reversed"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="charge_amount_above_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("period_end", None), ("period_start", None)),
                            ("period_end__gt", models.F("period_start")),
                            _connector="OR",
                        ),
                        name="charge_period_is_half_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tax_rate__gte", 0), ("tax_rate__lt", 100)),
                        name="charge_tax_rate_is_per_cent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("card", "Card"), ("direct_debit", "Direct Debit"), ("transfer", "Transfer")],
                        max_length=12,
                    ),
                ),
                ("brand", models.CharField(blank=True, default="", max_length=20)),
                ("last4", models.CharField(blank=True, default="", max_length=4)),
                ("expires_on", models.DateField(help_text="Last day of validity", null=True)),
                ("token", models.CharField(max_length=100)),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payment_methods",
                        to="ledger.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last4", ""), ("last4__regex", "^[0-9]{4}$"), _connector="OR"),
                        name="only_last_four_digits",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("succeeded", "Succeeded"), ("failed", "Failed")],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("card_last4", models.CharField(blank=True, default="", max_length=4)),
                ("gateway_reference", models.CharField(max_length=100, null=True, unique=True)),
                ("external_id", models.CharField(max_length=100, null=True, unique=True)),
                ("received_on", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("failure_code", models.CharField(blank=True, default="", max_length=60)),
                ("refunded_minor", models.BigIntegerField(default=0)),
                ("charged_back_minor", models.BigIntegerField(default=0)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="ledger.customer"
                    ),
                ),
                (
                    "method",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="ledger.paymentmethod",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "-received_on", "-id"], name="payment_by_customer")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "succeeded", "failed"])),
                        name="payment_state_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="payment_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("charged_back_minor__gte", 0),
                            ("refunded_minor__gte", 0),
                            (
                                "amount_minor__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("refunded_minor"), "+", models.F("charged_back_minor")
                                ),
                            ),
                        ),
                        name="payment_never_given_back_twice",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Chargeback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=100, unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reason", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[("received", "Received"), ("won", "Won"), ("lost", "Lost")],
                        default="received",
                        max_length=8,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="chargebacks", to="ledger.customer"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="chargebacks", to="ledger.payment"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["received", "won", "lost"])), name="chargeback_state_is_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="chargeback_above_zero"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("email", "Email"), ("phone", "Phone")], max_length=5)),
                ("value", models.CharField(help_text="An e-mail address, or a number in E.164", max_length=254)),
                ("person", models.CharField(blank=True, default="", max_length=200)),
                (
                    "right",
                    models.CharField(
                        choices=[("owner", "Owner"), ("finance", "Finance"), ("user", "User")],
                        default="owner",
                        max_length=7,
                    ),
                ),
                ("added_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(help_text="When its owner answered from it", null=True)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contact_points", to="ledger.customer"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        django.db.models.functions.text.Lower("value"),
                        condition=models.Q(("removed_at", None)),
                        name="contact_point_by_value",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["email", "phone"])), name="contact_point_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("right__in", ["owner", "finance", "user"])),
                        name="contact_point_right_is_known",
                    ),
                    models.UniqueConstraint(
                        models.F("customer"),
                        models.F("kind"),
                        django.db.models.functions.text.Lower("value"),
                        condition=models.Q(("removed_at", None)),
                        name="contact_point_once_per_customer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("paid", "Paid"), ("void", "Void")], default="open", max_length=5
                    ),
                ),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
                ("issued_at", models.DateTimeField()),
                ("net_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("total_minor", models.BigIntegerField()),
                ("paid_minor", models.BigIntegerField(default=0)),
                (
                    "credited_minor",
                    models.BigIntegerField(default=0, help_text="Taken off by credit notes while unpaid"),
                ),
                (
                    "disputed_minor",
                    models.BigIntegerField(default=0, help_text="Unpaid and on hold because of open disputes"),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="ledger.customer"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-issued_on", "-id"], name="invoice_by_customer"),
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["due_on", "id"], name="invoice_still_open"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "paid", "void"])), name="invoice_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net_minor"), "+", models.F("tax_minor")
                                ),
                            )
                        ),
                        name="invoice_total_is_net_and_tax",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credited_minor__gte", 0), ("disputed_minor__gte", 0), ("paid_minor__gte", 0)
                        ),
                        name="invoice_parts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total_minor__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("paid_minor"), "+", models.F("credited_minor")
                                    ),
                                    "+",
                                    models.F("disputed_minor"),
                                ),
                            )
                        ),
                        name="invoice_never_settled_twice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "paid"), _negated=True),
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("paid_minor"), "+", models.F("credited_minor")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="invoice_paid_means_nothing_left",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("description", models.CharField(max_length=200)),
                ("currency", models.CharField(max_length=3)),
                ("net_minor", models.BigIntegerField()),
                ("tax_rate", models.DecimalField(decimal_places=3, max_digits=6)),
                ("tax_minor", models.BigIntegerField()),
                (
                    "disputed_minor",
                    models.BigIntegerField(default=0, help_text="Part of an open dispute, tax included"),
                ),
                (
                    "credited_minor",
                    models.BigIntegerField(default=0, help_text="Credited by credit notes, tax included"),
                ),
                (
                    "charge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invoice_line", to="ledger.charge"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="ledger.invoice"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("invoice", "position"), name="invoice_line_positions_differ"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credited_minor__gte", 0),
                            ("disputed_minor__gte", 0),
                            (
                                "net_minor__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("disputed_minor"), "+", models.F("credited_minor")
                                    ),
                                    "-",
                                    models.F("tax_minor"),
                                ),
                            ),
                        ),
                        name="invoice_line_not_disputed_beyond_its_total",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("net_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("reason", models.CharField(max_length=300)),
                ("source", models.CharField(blank=True, default="", max_length=60)),
                ("issued_on", models.DateField()),
                ("issued_at", models.DateTimeField()),
                ("issued_by", models.CharField(max_length=80)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credit_notes", to="ledger.customer"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credit_notes", to="ledger.invoice"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="ledger.invoiceline",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "-id"], name="credit_note_by_customer")],
                "constraints": [
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
                        name="credit_note_above_zero",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        fields=("source",),
                        name="one_credit_note_per_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DayClose",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(db_index=True)),
                ("closing_minor", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "day"), include=("closing_minor",), name="day_close_once_per_account_and_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField(help_text="Tax included")),
                ("unpaid_minor", models.BigIntegerField(help_text="The part not paid yet: held out of what is due")),
                (
                    "paid_minor",
                    models.BigIntegerField(help_text="The part already paid: held as what we may have to give back"),
                ),
                ("reason", models.CharField(help_text="A code of ledger/disputes/reasons.py", max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("opened", "Opened"),
                            ("in_review", "In Review"),
                            ("upheld", "Upheld"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="opened",
                        max_length=10,
                    ),
                ),
                ("conversation", models.CharField(blank=True, default="", max_length=60)),
                ("proof_reference", models.CharField(max_length=60)),
                ("external_id", models.CharField(max_length=100, null=True, unique=True)),
                ("opened_by", models.CharField(max_length=80)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="When the customer must have an answer")),
                ("decided_by", models.CharField(blank=True, default="", max_length=80)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "explanation",
                    models.TextField(blank=True, default="", help_text="What the customer is told about the decision"),
                ),
                ("appealed_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="ledger.customer"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="ledger.invoiceline"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-id"], name="dispute_by_customer"),
                    models.Index(
                        condition=models.Q(("state__in", ["opened", "in_review"])),
                        fields=["due_at", "id"],
                        name="dispute_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["opened", "in_review", "upheld", "rejected", "withdrawn"])),
                        name="dispute_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("paid_minor__gte", 0), ("unpaid_minor__gte", 0)),
                        name="dispute_above_zero",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("unpaid_minor"), "+", models.F("paid_minor")
                                ),
                            )
                        ),
                        name="dispute_parts_add_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("proof_reference", ""), _negated=True), name="dispute_stands_on_a_proof"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["opened", "in_review", "withdrawn"]),
                            models.Q(("decided_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="dispute_decided_by_someone",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["opened", "in_review"])),
                        fields=("line",),
                        name="one_open_dispute_per_line",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("subject", models.CharField(help_text="What it happened to, e.g. refund:42", max_length=60)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=80)),
                ("on_behalf_of", models.CharField(blank=True, default="", max_length=80)),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("data", models.JSONField(default=dict)),
                ("position", models.BigIntegerField(null=True, unique=True)),
                ("previous_hash", models.CharField(blank=True, default="", max_length=64)),
                ("hash", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer_id", "-id"], name="event_by_customer"),
                    models.Index(fields=["subject", "-id"], name="event_by_subject"),
                    models.Index(condition=models.Q(("position", None)), fields=["id"], name="event_not_sealed"),
                    models.Index(fields=["kind", "-id"], name="event_by_kind"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EvidenceBundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content", models.TextField()),
                ("hash", models.CharField(max_length=64)),
                ("taken_at", models.DateTimeField()),
                (
                    "dispute",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="ledger.dispute"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.TextField(unique=True)),
                ("content_hash", models.BinaryField()),
                ("kind", models.TextField()),
                ("customer_id", models.BigIntegerField(null=True)),
                ("effective_on", models.DateField()),
                ("posted_at", models.DateTimeField()),
                ("posting_count", models.IntegerField()),
                ("source", models.TextField()),
                ("actor", models.TextField()),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "reverses",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="ledger.journalentry",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "journal entries",
                "indexes": [models.Index(fields=["source"], name="journal_entry_by_source")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reverses__isnull", False)),
                        fields=("reverses",),
                        name="journal_entry_reversed_at_most_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("posting_count__gte", 2)), name="journal_entry_has_two_postings_or_more"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key", ""), _negated=True), name="journal_entry_has_a_key"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prefix", models.CharField(max_length=8)),
                ("year", models.PositiveIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("prefix", "year"), name="one_number_series_per_prefix_and_year")
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentAllocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="ledger.invoice"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="ledger.payment"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="allocation_above_zero"),
                    models.UniqueConstraint(
                        fields=("payment", "invoice"), name="one_allocation_per_payment_and_invoice"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("span", django.contrib.postgres.fields.ranges.DateRangeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("span", "&&")], name="periods_never_overlap"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("span__isempty", False), ("span__lower_inf", False), ("span__upper_inf", False)
                        ),
                        name="period_has_a_first_and_a_last_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("closed_by", "")),
                            models.Q(("closed_at__isnull", False), models.Q(("closed_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="period_is_closed_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=100)),
                (
                    "interval",
                    models.CharField(choices=[("month", "Month"), ("year", "Year")], default="month", max_length=5),
                ),
                ("is_on_sale", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("interval__in", ["month", "year"])), name="plan_interval_is_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("effective_on", models.DateField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="ledger.journalentry",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["account", "effective_on", "entry"],
                        include=("amount_minor",),
                        name="posting_by_account_and_day",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(fields=["effective_on"], name="posting_by_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "account"), name="posting_names_each_account_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="posting_amount_is_not_zero"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField(help_text="Net, in minor units")),
                ("tax_rate", models.DecimalField(decimal_places=3, default=0, help_text="Per cent", max_digits=6)),
                ("valid_from", models.DateField()),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prices", to="ledger.plan"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "currency", "valid_from"), name="one_price_per_plan_currency_and_day"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gte", 0)), name="price_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("handler", models.CharField(max_length=120)),
                ("stream", models.CharField(max_length=60)),
                ("due_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True, default="")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reactions", to="ledger.event"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)), fields=["due_at", "id"], name="reaction_still_due"
                    ),
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["handler", "stream", "id"],
                        name="reaction_in_its_stream",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("event", "handler"), name="one_reaction_per_event_and_handler")
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("approved", "Approved"),
                            ("submitted", "Submitted"),
                            ("paid", "Paid"),
                            ("failed", "Failed"),
                            ("declined", "Declined"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="requested",
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "is_goodwill",
                    models.BooleanField(default=False, help_text="A gift, not owed: no credit note stands behind it"),
                ),
                (
                    "source",
                    models.CharField(blank=True, default="", help_text="What led to it, e.g. dispute:7", max_length=60),
                ),
                (
                    "conversation",
                    models.CharField(
                        blank=True, default="", help_text="Where it was asked for, ticket:9", max_length=60
                    ),
                ),
                ("proof_reference", models.CharField(help_text="The identity check it stands on", max_length=60)),
                ("external_id", models.CharField(max_length=100, null=True, unique=True)),
                ("requested_by", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("approved_by", models.CharField(blank=True, default="", max_length=80)),
                ("approved_at", models.DateTimeField(null=True)),
                ("declined_by", models.CharField(blank=True, default="", max_length=80)),
                ("decline_reason", models.CharField(blank=True, default="", max_length=500)),
                ("closed_at", models.DateTimeField(help_text="When it was paid, declined or cancelled", null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("try_again_at", models.DateTimeField(null=True)),
                ("gateway_reference", models.CharField(blank=True, default="", max_length=100)),
                ("failure_code", models.CharField(blank=True, default="", max_length=60)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="ledger.customer"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="ledger.payment"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-id"], name="refund_by_customer"),
                    models.Index(
                        condition=models.Q(("state__in", ["approved", "submitted"])),
                        fields=["approved_at", "id"],
                        name="refund_to_pay",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["requested", "approved", "submitted", "paid", "failed", "declined", "cancelled"],
                            )
                        ),
                        name="refund_state_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="refund_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", ""),
                            models.Q(("approved_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="refund_approved_by_someone_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["approved", "submitted", "paid", "failed"]), _negated=True),
                            models.Q(("approved_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refund_moves_only_when_approved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("proof_reference", ""), _negated=True), name="refund_stands_on_a_proof"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "paid"), _negated=True),
                            models.Q(("gateway_reference", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refund_paid_is_traced",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SandboxTransfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=100, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("reference", models.CharField(max_length=100, unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("succeeded", models.BooleanField()),
                ("failure_code", models.CharField(blank=True, default="", max_length=60)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_id", models.BigIntegerField(unique=True)),
                ("to_id", models.BigIntegerField(unique=True)),
                ("prev_hash", models.BinaryField(unique=True)),
                ("hash", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("to_id__gte", models.F("from_id"))), name="seal_covers_entries"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("cancelled", "Cancelled")],
                        default="active",
                        max_length=9,
                    ),
                ),
                ("anchor_on", models.DateField()),
                ("renews_on", models.DateField()),
                ("started_at", models.DateTimeField()),
                ("paused_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("external_id", models.CharField(max_length=100, null=True, unique=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subscriptions", to="ledger.customer"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subscriptions", to="ledger.plan"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "active")),
                        fields=["renews_on", "id"],
                        name="subscription_renewing",
                    ),
                    models.Index(fields=["customer", "-id"], name="subscription_by_customer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "paused", "cancelled"])),
                        name="subscription_state_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="ledger.account",
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("version", models.BigIntegerField()),
            ],
        ),
    ]
