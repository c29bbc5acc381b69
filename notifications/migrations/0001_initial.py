import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from ledger import migrating


class Migration(migrating.Migration):
    initial = True

    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LeadTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(default="renewal", max_length=30)),
                ("country", models.CharField(blank=True, default="", help_text="Empty: everywhere", max_length=2)),
                ("region", models.CharField(blank=True, default="", max_length=6)),
                ("interval", models.CharField(choices=[("month", "monthly"), ("year", "annual")], max_length=5)),
                ("earliest_days", models.PositiveIntegerField(help_text="Not earlier than this many days ahead")),
                ("latest_days", models.PositiveIntegerField(help_text="Not later than this many days ahead")),
                ("source", models.CharField(help_text="The law or promise behind it", max_length=300)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "country", "region", "interval"), name="one_lead_time_per_place_and_term"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("earliest_days__gte", models.F("latest_days"))),
                        name="lead_time_window_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True)),
                ("channel", models.CharField(choices=[("email", "E-mail"), ("sms", "Text message")], max_length=6)),
                ("recipient", models.CharField(max_length=254)),
                (
                    "template",
                    models.CharField(
                        help_text="Key and version of the wording used, e.g. refund_paid.en.1", max_length=80
                    ),
                ),
                ("language", models.CharField(max_length=12)),
                ("subject", models.CharField(blank=True, default="", max_length=200)),
                ("body", models.TextField()),
                (
                    "is_secret",
                    models.BooleanField(default=False, help_text="Holds a code: the body is cleared once it is sent"),
                ),
                ("message_id", models.CharField(max_length=200, unique=True)),
                ("in_reply_to", models.CharField(blank=True, default="", max_length=998)),
                (
                    "references",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=998), blank=True, default=list, size=None
                    ),
                ),
                ("reply_to", models.CharField(max_length=254)),
                (
                    "about",
                    models.CharField(
                        blank=True, default="", help_text="What it is about, e.g. refund:42", max_length=60
                    ),
                ),
                (
                    "conversation",
                    models.CharField(
                        blank=True, default="", help_text="ticket:9, where it belongs to one", max_length=60
                    ),
                ),
                (
                    "is_automatic",
                    models.BooleanField(default=True, help_text="Marked Auto-Submitted, so no robot answers it"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed"), ("bounced", "Bounced")],
                        default="queued",
                        max_length=7,
                    ),
                ),
                ("queued_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, default="", max_length=500)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="ledger.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")), fields=["due_at", "id"], name="message_to_send"
                    ),
                    models.Index(
                        condition=models.Q(("state", "queued")), fields=["recipient", "id"], name="message_order"
                    ),
                    models.Index(fields=["customer", "-id"], name="message_by_customer"),
                    models.Index(fields=["reply_to"], name="message_by_reply_address"),
                    models.Index(
                        condition=models.Q(("conversation", ""), _negated=True),
                        fields=["conversation", "id"],
                        name="message_by_conversation",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "sent", "failed", "bounced"])),
                        name="message_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                        ),
                        name="message_sent_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tried_at", models.DateTimeField()),
                ("succeeded", models.BooleanField()),
                ("answer", models.CharField(blank=True, default="", help_text="What the server said", max_length=500)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delivery_attempts",
                        to="notifications.message",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MessageTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(help_text="e.g. refund_paid", max_length=60)),
                ("language", models.CharField(help_text="e.g. en, de", max_length=5)),
                ("version", models.PositiveIntegerField()),
                ("subject", models.CharField(max_length=200)),
                ("body", models.TextField(help_text="Placeholders in double braces, e.g. {{amount}}")),
                ("is_in_use", models.BooleanField(default=True)),
                ("written_by", models.CharField(max_length=80)),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "language", "version"), name="one_wording_per_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_in_use", True)), fields=("key", "language"), name="one_wording_in_use"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("subject", models.CharField(help_text="e.g. subscription:9", max_length=60)),
                ("about_on", models.DateField(help_text="The day it is about, e.g. of the renewal")),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="ledger.customer"
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice",
                        to="notifications.message",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("message", None)), fields=["id"], name="notice_not_told"),
                    models.Index(fields=["customer", "-id"], name="notice_by_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "subject", "about_on"), name="one_notice_per_kind_subject_and_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "Text message")], default="email", max_length=6
                    ),
                ),
                ("language", models.CharField(blank=True, default="", max_length=12)),
                (
                    "quiet_from",
                    models.TimeField(
                        help_text="Local time; messages that can wait do until quiet hours end", null=True
                    ),
                ),
                ("quiet_until", models.TimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="preference", to="ledger.customer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email", "sms"])), name="preference_channel_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from__isnull", True), ("quiet_until__isnull", True)),
                            models.Q(("quiet_from__isnull", False), ("quiet_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="quiet_hours_have_both_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(help_text="marketing, sms, …; messages about money owed need none", max_length=40),
                ),
                ("granted", models.BooleanField()),
                ("source", models.CharField(help_text="How it was said, e.g. STOP by text message", max_length=120)),
                ("recorded_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="ledger.customer"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["customer", "kind", "-id"], name="consent_newest")],
            },
        ),
    ]
