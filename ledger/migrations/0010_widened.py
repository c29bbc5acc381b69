import django.db.models.deletion
from django.db import migrations, models

from ledger import migrating


class Migration(migrating.Migration):
    dependencies = [
        ("ledger", "0009_money_back_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChargebackAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, unique=True)),
                ("gateway", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "on its way"),
                            ("sending", "being sent"),
                            ("unknown", "no answer yet"),
                            ("sent", "Sent"),
                            ("refused", "Refused"),
                            ("missed", "too late"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(help_text="The network's deadline; nothing is sent after it", null=True),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("try_again_at", models.DateTimeField(help_text="None: it is settled", null=True)),
                ("gateway_reference", models.CharField(blank=True, default="", max_length=100)),
                ("failure_code", models.CharField(blank=True, default="", max_length=60)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "pack",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="ledger.chargebackpack"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "sending", "unknown"])),
                        fields=["try_again_at", "id"],
                        name="chargeback_answer_to_send",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "sending", "unknown", "sent", "refused", "missed"])
                        ),
                        name="chargeback_answer_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("state__in", ["waiting", "sending", "unknown"])),
                            models.Q(("settled_at__isnull", False), ("state__in", ["sent", "refused", "missed"])),
                            _connector="OR",
                        ),
                        name="chargeback_answer_settled_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), _negated=True),
                            models.Q(("failure_code", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="chargeback_answer_refused_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("way", models.CharField(choices=[("email", "by e-mail"), ("paper", "on paper")], max_length=5)),
                (
                    "state",
                    models.CharField(
                        choices=[("in_force", "in force"), ("replaced", "Replaced"), ("taken_back", "taken back")],
                        default="in_force",
                        max_length=10,
                    ),
                ),
                (
                    "conversation",
                    models.CharField(blank=True, default="", help_text="Where it was said, ticket:9", max_length=60),
                ),
                ("chosen_by", models.CharField(max_length=80)),
                ("chosen_at", models.DateTimeField()),
                ("undo_until", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, default="", max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "before",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="ledger.deliverychoice",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delivery_choices",
                        to="ledger.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("way__in", ["email", "paper"])), name="delivery_way_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["in_force", "replaced", "taken_back"])),
                        name="delivery_choice_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("undo_until__gt", models.F("chosen_at"))),
                        name="delivery_choice_can_be_undone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state", "in_force")),
                            models.Q(models.Q(("state", "in_force"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="delivery_choice_ended_once_not_in_force",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "in_force")),
                        fields=("customer",),
                        name="one_delivery_choice_per_customer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrintBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(help_text="One file a day", unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("taken", "Taken"), ("printed", "Printed")], default="taken", max_length=7
                    ),
                ),
                ("taken_by", models.CharField(max_length=80)),
                ("taken_at", models.DateTimeField()),
                ("printed_by", models.CharField(blank=True, default="", max_length=80)),
                ("printed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "print batches",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["taken", "printed"])), name="print_batch_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("printed_at", None), ("state", "taken")),
                            models.Q(("printed_at__isnull", False), ("state", "printed")),
                            _connector="OR",
                        ),
                        name="print_batch_printed_at_a_moment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("taken", "Taken"),
                            ("posted", "Posted"),
                            ("called_off", "called off"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("queued_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(help_text="When it was posted, or called off", null=True)),
                (
                    "why",
                    models.CharField(
                        blank=True, default="", help_text="Why it was called off, or waits", max_length=200
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="ledger.customer"
                    ),
                ),
                (
                    "document",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter",
                        to="ledger.document",
                    ),
                ),
                (
                    "invoice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letter", to="ledger.invoice"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="ledger.printbatch",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["id"], name="letter_waiting")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "taken", "posted", "called_off"])),
                        name="letter_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("batch", None), ("state__in", ["waiting", "called_off"])),
                            models.Q(
                                ("batch__isnull", False),
                                ("document__isnull", False),
                                ("state__in", ["taken", "posted"]),
                            ),
                            _connector="OR",
                        ),
                        name="letter_is_printed_from_one_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state__in", ["waiting", "taken"])),
                            models.Q(("closed_at__isnull", False), ("state__in", ["posted", "called_off"])),
                            _connector="OR",
                        ),
                        name="letter_closed_at_a_moment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LimitChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=40)),
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
                ("amount_minor", models.BigIntegerField(help_text="In minor units (cents)")),
                ("window_hours", models.PositiveIntegerField()),
                (
                    "before_minor",
                    models.BigIntegerField(help_text="Empty: there was no limit, so nothing could be given", null=True),
                ),
                ("before_window_hours", models.PositiveIntegerField(null=True)),
                ("why", models.CharField(max_length=300)),
                ("has_stake", models.BooleanField(help_text="Whether who asked for it may give more by it")),
                ("asked_by", models.CharField(max_length=80)),
                ("asked_at", models.DateTimeField()),
                ("in_force_by", models.CharField(blank=True, default="", max_length=80)),
                ("in_force_at", models.DateTimeField(null=True)),
                ("dropped_by", models.CharField(blank=True, default="", max_length=80)),
                ("dropped_at", models.DateTimeField(null=True)),
                (
                    "undoes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="ledger.limitchange",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("why", ""), _negated=True), name="limit_change_says_why"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gte", 0), ("window_hours__gte", 1)),
                        name="limit_change_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("has_stake", False),
                            models.Q(("in_force_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="limit_change_one_profits_from_needs_a_second",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("in_force_at", None), ("in_force_by", "")),
                            models.Q(("in_force_at__isnull", False), models.Q(("in_force_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="limit_change_in_force_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dropped_at", None), ("dropped_by", "")),
                            models.Q(
                                ("dropped_at__isnull", False),
                                ("in_force_at", None),
                                models.Q(("dropped_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="limit_change_dropped_by_somebody_before_it_was_in_force",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("dropped_at", None), ("in_force_at", None)),
                        fields=("role", "act", "currency"),
                        name="one_waiting_change_per_limit",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("dropped_at", None)), fields=("undoes",), name="limit_change_undone_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("card", "consent to keep a card"), ("direct_debit", "SEPA mandate")], max_length=12
                    ),
                ),
                (
                    "reference",
                    models.CharField(help_text="What the customer's bank knows it by", max_length=35, unique=True),
                ),
                (
                    "gateway_reference",
                    models.CharField(blank=True, default="", help_text="The gateway's own mandate", max_length=100),
                ),
                ("wording", models.TextField(help_text="What was accepted, word for word")),
                ("language", models.CharField(max_length=35)),
                ("accepted_at", models.DateTimeField()),
                ("accepted_on", models.DateField(help_text="The day where the customer lives")),
                ("accepted_by", models.CharField(max_length=80)),
                (
                    "notice_days",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Calendar days between telling the customer of a debit and the debit"
                    ),
                ),
                (
                    "ask_again_at",
                    models.DateTimeField(help_text="When the gateway is asked what was paid with", null=True),
                ),
                ("asked", models.PositiveSmallIntegerField(default=0)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(blank=True, default="", max_length=80)),
                (
                    "attempt",
                    models.OneToOneField(
                        help_text="The payment it was given with",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandate",
                        to="ledger.attempt",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mandates", to="ledger.customer"
                    ),
                ),
                (
                    "method",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandate",
                        to="ledger.paymentmethod",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("method", None)),
                        fields=["ask_again_at", "id"],
                        name="mandate_without_its_method",
                    ),
                    models.Index(fields=["customer", "-id"], name="mandate_by_customer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["card", "direct_debit"])), name="mandate_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wording", ""), _negated=True), name="mandate_has_the_words_accepted"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reference__regex", "^[A-Za-z0-9+?/:().,' -]{1,35}$")),
                        name="mandate_reference_is_sepa",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("revoked_at", None),
                            models.Q(
                                ("revoked_at__gte", models.F("accepted_at")),
                                models.Q(("revoked_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="mandate_revoked_says_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MethodChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("in_force", "in force"), ("replaced", "Replaced"), ("taken_back", "taken back")],
                        default="in_force",
                        max_length=10,
                    ),
                ),
                (
                    "conversation",
                    models.CharField(blank=True, default="", help_text="Where it was said, ticket:9", max_length=60),
                ),
                ("chosen_by", models.CharField(max_length=80)),
                ("chosen_at", models.DateTimeField()),
                ("undo_until", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, default="", max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "before",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="ledger.methodchoice",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="method_choices", to="ledger.customer"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="method_choices",
                        to="ledger.invoice",
                    ),
                ),
                (
                    "method",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="choices",
                        to="ledger.paymentmethod",
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="method_choices",
                        to="ledger.subscription",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "-id"], name="method_choice_by_customer")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["in_force", "replaced", "taken_back"])),
                        name="method_choice_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subscription", None), ("invoice", None), _connector="OR"),
                        name="method_chosen_for_one_plan_or_one_bill",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("undo_until__gt", models.F("chosen_at"))),
                        name="method_choice_can_be_undone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state", "in_force")),
                            models.Q(models.Q(("state", "in_force"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="method_choice_ended_once_not_in_force",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("invoice", None), ("state", "in_force"), ("subscription", None)),
                        fields=("customer",),
                        name="one_method_choice_for_everything",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "in_force")),
                        fields=("subscription",),
                        name="one_method_choice_per_plan",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "in_force")),
                        fields=("invoice",),
                        name="one_method_choice_per_bill",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParkedReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("chargeback", "Chargeback"), ("refund", "Refund"), ("refunded", "sum of refunds")],
                        max_length=10,
                    ),
                ),
                ("reference", models.CharField(help_text="What it is about, as the gateway names it", max_length=100)),
                (
                    "told",
                    models.JSONField(
                        help_text="What it says, as we read it: ids, amounts, states and days, nothing personal"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("taken", "Taken"), ("shown", "shown as a break")],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("parked_at", models.DateTimeField()),
                ("tries", models.PositiveIntegerField(default=0)),
                ("try_again_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "subject",
                    models.CharField(blank=True, default="", help_text="What it turned out to be about", max_length=60),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parked", to="ledger.gatewayreport"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["try_again_at", "id"],
                        name="parked_report_to_try",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "taken", "shown"])),
                        name="parked_report_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "taken"), _negated=True),
                            models.Q(("subject", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="parked_report_taken_names_its_subject",
                    ),
                    models.UniqueConstraint(fields=("report", "kind", "reference"), name="report_is_parked_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SaveOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("discount", "Discount"), ("pause", "Pause")], max_length=8)),
                ("text_en", models.CharField(max_length=300, verbose_name="text in English")),
                ("text_de", models.CharField(max_length=300, verbose_name="text in German")),
                (
                    "percent",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="Off the plan's bills; a pause has none",
                        max_digits=9,
                        null=True,
                    ),
                ),
                ("months", models.PositiveSmallIntegerField(help_text="For how many months")),
                (
                    "limit_of",
                    models.CharField(
                        default="supervisor",
                        help_text="The role whose limit for discounts it is given under",
                        max_length=40,
                    ),
                ),
                ("is_shown", models.BooleanField(default=True, help_text="Off: nobody is shown it any more")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="save_offers", to="ledger.plan"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["discount", "pause"])), name="save_offer_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "discount"), ("percent__gt", 0), ("percent__lte", 100)),
                            models.Q(("kind", "pause"), ("percent", None)),
                            _connector="OR",
                        ),
                        name="save_offer_is_percentage_or_pause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("months__gte", 1), ("months__lte", 24)),
                        name="save_offer_lasts_1_to_24_months",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text_en", ""), _negated=True), models.Q(("text_de", ""), _negated=True)
                        ),
                        name="save_offer_has_both_texts",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_shown", True)), fields=("plan",), name="one_save_offer_per_plan"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShownOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("discount", "Discount"), ("pause", "Pause")], max_length=8)),
                ("text", models.CharField(help_text="As it was read", max_length=300)),
                ("percent", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ("months", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("shown", "Shown"), ("accepted", "Accepted"), ("declined", "Declined")],
                        default="shown",
                        max_length=8,
                    ),
                ),
                ("shown_to", models.CharField(max_length=80)),
                ("shown_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "grant_given",
                    models.OneToOneField(
                        help_text="The discount given",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="save_offer",
                        to="ledger.discountgrant",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="shown", to="ledger.saveoffer"
                    ),
                ),
                (
                    "subscription",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shown_offer",
                        to="ledger.subscription",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["shown", "accepted", "declined"])),
                        name="shown_offer_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("state", "shown")),
                            models.Q(models.Q(("state", "shown"), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="shown_offer_answered_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grant_given", None), ("state", "accepted"), _connector="OR"),
                        name="shown_offer_gives_only_when_accepted",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="break",
            name="break_is_about_something",
        ),
        migrations.RemoveConstraint(
            model_name="jurisdictionrule",
            name="jurisdiction_rule_of_tax_names_its_country",
        ),
        migrations.RemoveConstraint(
            model_name="jurisdictionrule",
            name="jurisdiction_rule_kind_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="subscription",
            name="subscription_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="subscription",
            name="subscription_ends_only_when_cancelled",
        ),
        migrations.AddField(
            model_name="break",
            name="reference",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What the gateway calls it, without a file",
                max_length=140,
            ),
        ),
        migrations.AddField(
            model_name="correctionitem",
            name="right_tax_rate",
            field=models.DecimalField(
                decimal_places=3, help_text="Per cent; set where only the tax was wrong", max_digits=6, null=True
            ),
        ),
        migrations.AddField(
            model_name="correctionitem",
            name="right_tax_treatment",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="creditnoteline",
            name="right_tax_rate",
            field=models.DecimalField(decimal_places=3, help_text="Of wrong tax, per cent", max_digits=6, null=True),
        ),
        migrations.AddField(
            model_name="creditnoteline",
            name="right_tax_treatment",
            field=models.CharField(blank=True, default="", help_text="e.g. reverse_charge", max_length=20),
        ),
        migrations.AddField(
            model_name="subscription",
            name="pay_by",
            field=models.DateTimeField(
                help_text="Until when its first bill has to be paid, or it never starts", null=True
            ),
        ),
        migrations.AlterField(
            model_name="break",
            name="file",
            field=models.ForeignKey(
                help_text="None: the gateway reported it",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="breaks",
                to="ledger.settlementfile",
            ),
        ),
        migrations.AlterField(
            model_name="break",
            name="kind",
            field=models.CharField(
                choices=[
                    ("missing_in_books", "Missing In Books"),
                    ("missing_in_file", "Missing In File"),
                    ("amount_differs", "Amount Differs"),
                    ("currency_differs", "Currency Differs"),
                    ("reversed", "taken back by the sender"),
                    ("not_clear", "the gateway contradicts itself"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="correctionitem",
            name="skipped_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("closed", "the account is closed: pay it back by refund"),
                    ("credited", "credited before: a person looks at it"),
                    ("disputed", "in dispute: decide that first"),
                    ("not_asked", "the bill is not asked for any more"),
                    ("dropped", "the batch was dropped"),
                    (
                        "inclusive",
                        "the price was agreed with its tax: correct the tax return, the customer paid it right",
                    ),
                ],
                default="",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="hold",
            name="kind",
            field=models.CharField(
                choices=[
                    ("payment_plan", "payment plan"),
                    ("promise", "promise to pay"),
                    ("hardship", "hardship"),
                    ("insolvency", "insolvency"),
                    ("review", "review"),
                ],
                max_length=12,
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
                    ("special_territory", "A part of a country with tax rules of its own"),
                    (
                        "distance_threshold",
                        "Sales to consumers in other member states up to which the seller's own rate applies",
                    ),
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
            model_name="planacceptance",
            name="channel",
            field=models.CharField(
                choices=[("portal", "Portal"), ("email", "e-mail"), ("phone", "Phone"), ("letter", "Letter")],
                max_length=6,
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="state",
            field=models.CharField(
                choices=[
                    ("starting", "waiting for its first payment"),
                    ("trial", "Trial"),
                    ("active", "Active"),
                    ("past_due", "past due"),
                    ("paused", "Paused"),
                    ("cancelled", "Cancelled"),
                    ("expired", "never started"),
                ],
                default="active",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="teambudget",
            name="team",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Whose: as the queue they work is named. Empty: everybody without one",
                max_length=60,
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("state", "starting")), fields=["pay_by", "id"], name="subscription_starting"
            ),
        ),
        migrations.AddConstraint(
            model_name="break",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("line__isnull", False),
                    ("payment__isnull", False),
                    ("refund__isnull", False),
                    models.Q(("file", None), models.Q(("reference", ""), _negated=True)),
                    _connector="OR",
                ),
                name="break_is_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="break",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("file__isnull", False), models.Q(("reference", ""), _negated=True), _connector="OR"
                ),
                name="break_without_a_file_has_a_reference",
            ),
        ),
        migrations.AddConstraint(
            model_name="break",
            constraint=models.UniqueConstraint(
                models.F("reference"),
                models.F("kind"),
                condition=models.Q(("file", None)),
                name="one_break_per_report_of_the_gateway",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnoteline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("right_tax_rate", None), ("right_tax_treatment", "")),
                    models.Q(("net_minor", 0), ("right_tax_rate__gte", 0), ("right_tax_rate__lt", 100)),
                    _connector="OR",
                ),
                name="credit_note_line_with_right_rate_takes_tax_alone",
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
                            "special_territory",
                            "distance_threshold",
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
            model_name="jurisdictionrule",
            constraint=models.CheckConstraint(
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
                                "special_territory",
                                "distance_threshold",
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
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["starting", "trial", "active", "past_due", "paused", "cancelled", "expired"])
                ),
                name="subscription_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on", None), ("state__in", ["cancelled", "expired"]), _connector="OR"),
                name="subscription_ends_only_when_cancelled",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["starting", "expired"]), _negated=True),
                    ("pay_by__isnull", False),
                    _connector="OR",
                ),
                name="subscription_starting_knows_until_when",
            ),
        ),
    ]
