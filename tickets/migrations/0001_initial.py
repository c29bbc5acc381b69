import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

from ledger import migrating


class Migration(migrating.Migration):
    initial = True

    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BusinessHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("time_zone", models.CharField(default="Europe/Berlin", max_length=40)),
                ("weekly", models.JSONField(default=dict)),
                ("always_open", models.BooleanField(default=False)),
                (
                    "holiday_country",
                    models.CharField(blank=True, default="", help_text="Public holidays of, e.g. DE", max_length=2),
                ),
                (
                    "holiday_region",
                    models.CharField(blank=True, default="", help_text="e.g. BE for Berlin", max_length=6),
                ),
            ],
            options={
                "verbose_name_plural": "business hours",
            },
        ),
        migrations.CreateModel(
            name="SlaPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("first_response_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("next_response_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("resolution_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("is_default", models.BooleanField(default=False)),
                ("hours", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tickets.businesshours")),
            ],
            options={
                "verbose_name": "SLA policy",
                "verbose_name_plural": "SLA policies",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)), fields=("is_default",), name="one_default_sla_policy"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Queue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("slug", models.SlugField(max_length=40, unique=True)),
                ("purpose", models.CharField(blank=True, default="", max_length=200)),
                (
                    "sla_policy",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="tickets.slapolicy"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requester", models.CharField(help_text="Address or number the case came from", max_length=254)),
                ("requester_name", models.CharField(blank=True, default="", max_length=200)),
                (
                    "linked_because",
                    models.CharField(blank=True, default="", help_text="Why this customer was chosen", max_length=200),
                ),
                (
                    "candidates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Customers it may be from, while none is linked",
                        size=None,
                    ),
                ),
                ("subject", models.CharField(max_length=300)),
                (
                    "channel",
                    models.CharField(help_text="Where it began: email, portal, phone, api, sms", max_length=10),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("waiting", "Waiting"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("topic", models.CharField(default="general", max_length=40)),
                (
                    "topic_words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, default=list, size=None
                    ),
                ),
                ("language", models.CharField(default="en", max_length=12)),
                ("priority", models.PositiveSmallIntegerField(default=2)),
                ("assignee_id", models.BigIntegerField(blank=True, null=True)),
                ("assigned_at", models.DateTimeField(null=True)),
                ("sort_at", models.DateTimeField()),
                (
                    "token",
                    models.CharField(
                        help_text="A UUID in the Reply-To address; not guessable", max_length=36, unique=True
                    ),
                ),
                ("notice_id", models.BigIntegerField(help_text="The notice it answers", null=True)),
                (
                    "subject_of_question",
                    models.CharField(blank=True, default="", help_text="e.g. invoice:7", max_length=60),
                ),
                ("opened_at", models.DateTimeField()),
                ("last_message_at", models.DateTimeField()),
                (
                    "acknowledged_at",
                    models.DateTimeField(help_text="When the automatic acknowledgement was queued", null=True),
                ),
                ("first_answered_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("reopened_count", models.PositiveIntegerField(default=0)),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, help_text="Counts changes, so a reply on stale ground is noticed"
                    ),
                ),
                (
                    "continues",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="continued_by",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="ledger.customer",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="tickets.queue"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("assignee_id", None), ("state", "open")),
                        fields=["queue", "priority", "sort_at", "id"],
                        name="ticket_next",
                    ),
                    models.Index(fields=["queue", "state", "sort_at", "id"], name="ticket_queue_page"),
                    models.Index(fields=["assignee_id", "state", "sort_at", "id"], name="ticket_of_assignee"),
                    models.Index(fields=["customer", "-id"], name="ticket_by_customer"),
                    models.Index(
                        django.db.models.functions.text.Lower("requester"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="ticket_by_requester",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "waiting", "resolved", "closed"])),
                        name="ticket_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__in", [1, 2, 3])), name="ticket_priority_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("in", "In"), ("out", "Out"), ("note", "Note"), ("event", "Event")], max_length=5
                    ),
                ),
                ("channel", models.CharField(max_length=10)),
                ("author", models.CharField(help_text="An actor's reference, or the sender's address", max_length=80)),
                ("author_name", models.CharField(blank=True, default="", max_length=200)),
                (
                    "is_participant",
                    models.BooleanField(default=True, help_text="False: from somebody not known in this case"),
                ),
                ("text", models.TextField(help_text="The whole text, card numbers masked")),
                (
                    "new_text",
                    models.TextField(blank=True, default="", help_text="Without quoted history and signature"),
                ),
                ("html", models.TextField(blank=True, default="", help_text="Cleaned; empty for plain messages")),
                (
                    "masked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        blank=True,
                        default=list,
                        help_text="What was masked",
                        size=None,
                    ),
                ),
                (
                    "remarks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        blank=True,
                        default=list,
                        help_text="What was mended or left out on reading",
                        size=None,
                    ),
                ),
                (
                    "ticket_version",
                    models.PositiveIntegerField(default=0, help_text="The ticket's version this message made"),
                ),
                ("mailbox", models.CharField(blank=True, default="", max_length=254)),
                ("message_id", models.CharField(blank=True, default="", max_length=998)),
                ("in_reply_to", models.CharField(blank=True, default="", max_length=998)),
                (
                    "references",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=998), blank=True, default=list, size=None
                    ),
                ),
                ("body_digest", models.CharField(blank=True, default="", max_length=64)),
                ("is_auto_reply", models.BooleanField(default=False)),
                (
                    "about",
                    models.CharField(
                        blank=True, default="", help_text="For events: the object, e.g. refund:42", max_length=60
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="Cause of an event line, told once", max_length=120, null=True, unique=True
                    ),
                ),
                ("written_at", models.DateTimeField()),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="tickets.ticket"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["ticket", "written_at", "id"], name="message_in_ticket"),
                    models.Index(
                        condition=models.Q(("message_id", ""), _negated=True),
                        fields=["message_id"],
                        name="message_by_message_id",
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["references"], name="message_by_reference"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["in", "out", "note", "event"])), name="message_kind_is_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "in"), models.Q(("message_id", ""), _negated=True)),
                        fields=("mailbox", "message_id", "body_digest"),
                        name="one_message_per_mail_received",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplyTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("shortcut", models.SlugField(max_length=30, unique=True)),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("language", models.CharField(default="en", max_length=5)),
                ("body", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255)),
                ("media_type", models.CharField(blank=True, default="", max_length=100)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(blank=True, default="", max_length=64)),
                ("content", models.BinaryField(help_text="Empty when refused", null=True)),
                ("refused_because", models.CharField(blank=True, default="", max_length=300)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="tickets.message"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ParkedMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mailbox", models.CharField(max_length=254)),
                ("message_id", models.CharField(blank=True, default="", max_length=998)),
                ("body_digest", models.CharField(max_length=64)),
                ("sender", models.CharField(blank=True, default="", max_length=254)),
                ("subject", models.CharField(blank=True, default="", max_length=300)),
                ("text", models.TextField(blank=True, default="")),
                ("why", models.CharField(max_length=300)),
                ("parked_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "parked mail",
                "indexes": [models.Index(fields=["-parked_at", "-id"], name="parked_mail_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("mailbox"),
                        models.F("message_id"),
                        models.F("body_digest"),
                        name="one_parked_row_per_mail",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PhoneLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(help_text="E.164", max_length=20, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("closed_text", models.TextField(blank=True, default="")),
                ("hours", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tickets.businesshours")),
            ],
        ),
        migrations.CreateModel(
            name="Mailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.EmailField(max_length=254, unique=True)),
                ("host", models.CharField(max_length=200)),
                ("port", models.PositiveIntegerField(default=993)),
                ("username", models.CharField(max_length=200)),
                (
                    "password_variable",
                    models.CharField(help_text="Name of the environment variable with the password", max_length=80),
                ),
                ("use_tls", models.BooleanField(default=True)),
                ("folder", models.CharField(default="INBOX", max_length=80)),
                ("is_active", models.BooleanField(default=True)),
                ("last_polled_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.CharField(blank=True, default="", max_length=300)),
                (
                    "queue",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="tickets.queue"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "mailboxes",
            },
        ),
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(unique=True)),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), blank=True, default=list, size=None
                    ),
                ),
                ("only_business_customers", models.BooleanField(default=False)),
                ("priority", models.PositiveSmallIntegerField(default=2, help_text="1 urgent, 2 normal, 3 low")),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="routing_rules", to="tickets.queue"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.CharField(help_text="What the customer wrote", max_length=200)),
                (
                    "subject",
                    models.CharField(blank=True, default="", help_text="payment:9, once certain", max_length=60),
                ),
                (
                    "candidates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                ("refused_because", models.CharField(blank=True, default="", max_length=200)),
                ("chosen_by", models.CharField(blank=True, default="", max_length=80)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="found_references",
                        to="tickets.message",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="found_references",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(help_text="refund, credit, answer", max_length=20)),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("currency", models.CharField(blank=True, default="", max_length=3)),
                (
                    "about",
                    models.CharField(
                        blank=True, default="", help_text="What will keep it, e.g. refund:42", max_length=60
                    ),
                ),
                ("words", models.CharField(help_text="What the customer was told", max_length=300)),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("kept_at", models.DateTimeField(null=True)),
                (
                    "kept_by",
                    models.CharField(
                        blank=True, default="", help_text="The object that kept it, e.g. refund:42", max_length=60
                    ),
                ),
                ("broken_at", models.DateTimeField(null=True)),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        help_text="The customer was told that it will not happen after all", null=True
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="promises", to="tickets.ticket"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("broken_at", None), ("kept_at", None), ("withdrawn_at", None)),
                        fields=["due_at", "id"],
                        name="promise_due",
                    ),
                    models.Index(fields=["ticket", "id"], name="promise_by_ticket"),
                    models.Index(condition=models.Q(("kept_at", None)), fields=["about"], name="promise_about"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kept_at__isnull", True),
                            ("broken_at__isnull", True),
                            ("kept_at__gte", models.F("broken_at")),
                            _connector="OR",
                        ),
                        name="promise_kept_or_broken",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first_response", "First Response"),
                            ("next_response", "Next Response"),
                            ("resolution", "Resolution"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("paused", "Paused"), ("stopped", "Stopped")],
                        default="running",
                        max_length=7,
                    ),
                ),
                ("target_minutes", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="Empty while paused", null=True)),
                (
                    "remaining_s",
                    models.PositiveIntegerField(help_text="Business seconds left, kept while paused", null=True),
                ),
                ("stopped_at", models.DateTimeField(null=True)),
                ("breached_at", models.DateTimeField(null=True)),
                ("policy", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tickets.slapolicy")),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="clocks", to="tickets.ticket"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("breached_at", None), ("state", "running")),
                        fields=["due_at", "id"],
                        name="clock_to_breach",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "paused", "stopped"])), name="clock_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True), ("due_at__isnull", False), _connector="OR"
                        ),
                        name="running_clock_is_due",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "stopped"), _negated=True),
                        fields=("ticket", "kind"),
                        name="one_live_clock_per_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(help_text="dispute:7, refund:42, payment:3, notice:5", max_length=60)),
                ("role", models.CharField(help_text="led_to or is_about", max_length=12)),
                ("linked_by", models.CharField(max_length=80)),
                ("linked_at", models.DateTimeField()),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="case_links", to="tickets.ticket"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["subject"], name="case_link_by_subject")],
                "constraints": [
                    models.UniqueConstraint(fields=("ticket", "subject"), name="one_case_link_per_ticket_and_subject")
                ],
            },
        ),
        migrations.CreateModel(
            name="CallLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=100, unique=True)),
                (
                    "caller",
                    models.CharField(blank=True, default="", help_text="E.164; empty when withheld", max_length=40),
                ),
                (
                    "caller_problem",
                    models.CharField(blank=True, default="", help_text="withheld, malformed, shared", max_length=120),
                ),
                (
                    "candidates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="Customers with this number on file",
                        size=None,
                    ),
                ),
                ("notes", models.TextField(blank=True, default="")),
                ("outcome", models.CharField(blank=True, default="", max_length=80)),
                ("started_at", models.DateTimeField()),
                (
                    "line",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="tickets.phoneline"),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("is_off", models.BooleanField(default=True)),
                ("name", models.CharField(blank=True, default="", max_length=80)),
                (
                    "hours",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="holidays", to="tickets.businesshours"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("hours", "day"), name="one_holiday_row_per_day")],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField()),
                (
                    "excluded_topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        help_text="Topics they are not given by Next ticket",
                        size=None,
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="tickets.queue"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user_id"], name="membership_by_user")],
                "constraints": [
                    models.UniqueConstraint(fields=("queue", "user_id"), name="one_membership_per_queue_and_user")
                ],
            },
        ),
    ]
