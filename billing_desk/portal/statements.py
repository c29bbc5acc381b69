"""The statement: what was owed, what happened month by month, what is owed now; and what that consists of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from billing_desk.documents import open_document
from billing_desk.portal.access import page, sees_money
from billing_desk.portal.documents import as_file
from billing_desk.portal.session import SignedIn
from ledger.customers.operations import record_view
from ledger.documents.glyphs import MissingGlyph
from ledger.errors import DomainError, InvalidInput
from ledger.invoices.queries import account_summary
from ledger.invoices.statements import Statement, StatementMovement, statements_of
from ledger.periods import add_months

#: A statement of more months than this is asked for in parts.
MOST_MONTHS = 36
#: Nobody had an account before.
EARLIEST_YEAR = 1990
#: What a question can be asked about straight from a movement.
ASKABLE = {"invoice", "payment", "creditnote"}


@dataclass(frozen=True)
class Months:
    """The chosen months: from the first day of one up to, not including, the day after another."""

    first: date
    end: date

    @property
    def last(self) -> date:
        """The last day."""
        return self.end - timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """One movement with where it can be opened and asked about."""

    movement: StatementMovement
    kind: str
    pk: int

    @property
    def about(self) -> str:
        """What a question about it names; empty where there is nothing to ask from."""
        return f"{self.kind}:{self.pk}" if self.kind in ASKABLE else ""

    @property
    def words(self) -> str:
        """What happened, with the number of its document."""
        moved = self.movement
        return f"{pgettext('movement', moved.words.removesuffix(moved.document).strip())} {moved.document}".strip()


@require_GET
@sees_money
def statement(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Show opening, movements and closing of the chosen months, one statement per currency."""
    months, remark = chosen_months(request, who.today)
    found = statements_of(who.customer.pk, months.first, min(months.last, who.today))
    record_view(who.customer.pk, what=f"statement:{months.first}:{months.end}"[:60], by=who.actor, at=timezone.now())
    return page(
        request,
        who,
        "portal/statement.html",
        status=422 if remark else 200,
        months=months,
        remark=remark,
        statements=[(each, [_row(moved) for moved in each.movements]) for each in found if _is_shown(each, found)],
        summary=account_summary(who.customer.pk, today=who.today),
        is_over=months.end <= who.today,
    )


@require_GET
@sees_money
def statement_file(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Hand out the statement of whole months that are over, as PDF."""
    months, remark = chosen_months(request, who.today)
    if remark:
        return page(request, who, "portal/not_found.html", status=404)
    at = timezone.now()
    subject = f"statement:{who.customer.pk}:{months.first}:{months.end}"
    try:
        document = open_document(subject, customer_id=who.customer.pk, by=who.actor, at=at)
    except (MissingGlyph, DomainError):
        return page(request, who, "portal/not_found.html", status=404)
    record_view(who.customer.pk, what=f"document:{document.pk}", by=who.actor, at=at)
    return as_file(document)


def chosen_months(request: HttpRequest, today: date) -> tuple[Months, str]:
    """Return the months asked for, the last three when none are; and why others are shown where these cannot be."""
    usual = Months(add_months(today.replace(day=1), -2), add_months(today.replace(day=1), 1))
    first, last = request.GET.get("first", ""), request.GET.get("last", "")
    if not first and not last:
        return usual, ""
    try:
        begins = date.fromisoformat(f"{first}-01")
        end = add_months(date.fromisoformat(f"{last}-01"), 1)
    except (ValueError, InvalidInput):
        return usual, _("Please choose months like 2026-01.")
    if begins.year < EARLIEST_YEAR or not begins < end <= add_months(begins, MOST_MONTHS) or begins > today:
        remark = _("Please choose up to {number} months, the first before the last and not to come.")
        return usual, remark.format(number=MOST_MONTHS)
    return Months(begins, end), ""


def _row(moved: StatementMovement) -> Row:
    kind, _, number = moved.source.partition(":")
    return Row(moved, kind, int(number) if number.isdecimal() else 0)


def _is_shown(each: Statement, every: list[Statement]) -> bool:
    """Leave out another currency in which nothing happened and nothing is owed; the own one always stands."""
    return each is every[0] or bool(each.movements or each.opening or each.closing)
