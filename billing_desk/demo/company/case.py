"""One case of the demo, told step by step: what the customer writes and what the agents do, at the case's moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from itertools import count

from django.conf import settings

from billing_desk.demo.company.postman import code_received
from billing_desk.demo.company.settling import settle
from billing_desk.demo.company.world import Person, World
from ledger.events.actor import Actor
from tickets.conversations.models import Message, Ticket
from tickets.conversations.operations import add_note
from tickets.intake.operations import receive_email
from tickets.queues.operations import assign_ticket, hand_over_ticket
from tickets.replies.operations import send_reply
from verification.models import Challenge
from verification.operations import CodeNotRight, answer_challenge, start_check

#: A file of a mail: its name, media type and bytes.
File = tuple[str, str, bytes]


class Case:
    """A conversation with one person; `at` is the moment of the step that is being told."""

    numbers = count(1)

    def __init__(self, world: World, person: Person) -> None:
        self.world, self.person = world, person
        self.at: datetime = world.now
        self.ticket_id = 0

    def staff(self, name: str) -> Actor:
        """Return a member of staff."""
        return self.world.staff[name]

    @property
    def ticket(self) -> Ticket:
        """The ticket as it is stored now."""
        return Ticket.objects.select_related("queue").get(pk=self.ticket_id)

    @property
    def customer(self) -> Actor:
        """The customer acting for themselves."""
        return Actor.customer(self.person.customer_id, name=self.person.name)

    def write(
        self,
        subject: str,
        text: str,
        *,
        sender: str = "",
        name: str = "",
        files: Sequence[File] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send a mail to the desk, as the customer's mail program writes it; from now on the case is its ticket."""
        sender = sender or self.person.email
        mail = EmailMessage()
        mail["From"] = formataddr((name or self.person.name, sender))
        mail["To"] = settings.SUPPORT_ADDRESS
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self.at)
        mail["Message-ID"] = f"<demo-{next(self.numbers):05d}@{sender.rpartition('@')[2]}>"
        for header, value in (headers or {}).items():
            mail[header] = value
        mail.set_content(text)
        for file_name, media_type, content in files:
            kind, _, subtype = media_type.partition("/")
            mail.add_attachment(content, maintype=kind, subtype=subtype, filename=file_name)
        ticket = receive_email(mail.as_bytes(), mailbox=settings.SUPPORT_ADDRESS, at=self.at)
        if ticket is not None:
            self.ticket_id = ticket.pk

    def answer(self, text: str, *, headers: Mapping[str, str] | None = None) -> None:
        """Answer the last mail of this case that the customer got, quoting it."""
        last = Message.objects.filter(ticket_id=self.ticket_id, kind=Message.Kind.OUT).latest("pk")
        quoted = "\n".join(f"> {line}" for line in last.text.splitlines())
        thread = {"In-Reply-To": last.message_id, "References": last.message_id, **(headers or {})}
        self.write(f"Re: {self.ticket.subject} [#{self.ticket_id}]", f"{text}\n\n{quoted}\n", headers=thread)

    def take(self, who: str) -> None:
        """Let a member of staff take the case."""
        assign_ticket(self.ticket_id, to=self.staff(who), by=self.staff(who), at=self.at)

    def say(self, who: str, text: str, *, resolve: bool = False) -> None:
        """Let a member of staff answer the customer."""
        send_reply(self.ticket_id, text=text, by=self.staff(who), at=self.at, resolve=resolve)

    def note(self, who: str, text: str) -> None:
        """Let a member of staff write something down for colleagues."""
        add_note(self.ticket_id, text=text, by=self.staff(who), at=self.at)

    def bring_to(self, queue: str, who: str, why: str) -> None:
        """Let a member of staff hand the case over, unless it is in that queue already."""
        if self.ticket.queue.slug != queue:
            hand_over_ticket(self.ticket_id, to_queue=queue, reason=why, by=self.staff(who), at=self.at)

    def verify(self, who: str, purpose: str) -> None:
        """Let an agent send a one-time code, and the customer read it in their mail and type it in."""
        token, code = self._ask_for_code(who, purpose)
        answer_challenge(token, answer=code, by=self.customer, at=self.at)

    def fail_to_verify(self, who: str, purpose: str) -> None:
        """Let somebody guess the code until the check is locked."""
        token, code = self._ask_for_code(who, purpose)
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        for _ in range(Challenge.objects.get(token=token).most_attempts):
            try:
                answer_challenge(token, answer=wrong, by=self.customer, at=self.at)
            except CodeNotRight:
                continue

    def _ask_for_code(self, who: str, purpose: str) -> tuple[str, str]:
        start_check(
            customer_id=self.person.customer_id,
            conversation=f"ticket:{self.ticket_id}",
            purpose=purpose,
            by=self.staff(who),
            at=self.at,
        )
        settle(self.at)
        return code_received(self.person.email)
