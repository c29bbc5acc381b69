"""Paying in instalments: what runs, a new plan with its days before anything is agreed, and the yes to its words."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from billing_desk.payment_plans import plan_document
from billing_desk.portal.access import page, refuse_foreign, sees_money
from billing_desk.portal.documents import as_file
from billing_desk.portal.plan_forms import InstalmentsForm
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn, accepted_here
from billing_desk.portal.subscription import proof_missing
from ledger.customers.operations import record_view
from ledger.errors import DomainError
from ledger.instalments.accepting import accept_plan
from ledger.instalments.deciding import cancel_plan
from ledger.instalments.models import PaymentPlan
from ledger.instalments.operations import Draft, preview_plan, propose_plan
from ledger.instalments.queries import NoSuchPlan, bills_to_cover, get_plan, plans_of, progress_of

State = PaymentPlan.State
#: Kept as the reason where the customer gives none.
ASKED = "Asked for by the customer in the portal."
NOT_WANTED = "Not wanted by the customer."


@require_GET
@sees_money
def payment_plans(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """List the customer's payment plans, the newest first."""
    rows = [(plan, progress_of(plan)) for plan in plans_of(who.customer.pk)]
    return page(request, who, "portal/plans/list.html", rows=rows, can_ask=bool(bills_to_cover(who.customer.pk)))


@require_http_methods(["GET", "POST"])
@sees_money
def new_payment_plan(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Show what a plan would ask for, to the day; with `propose` write it, to be agreed to in its own words."""
    at, invoices = timezone.now(), bills_to_cover(who.customer.pk)
    form = InstalmentsForm(
        request.POST or None, invoices=invoices, currency=who.customer.currency, today=who.today
    )  # fmt: skip
    draft: Draft | None = None
    if request.method == "POST" and form.is_valid():
        asked = {"invoice_ids": form.invoice_ids, "terms": form.terms()}
        try:
            if "propose" in request.POST:
                plan = propose_plan(who.customer.pk, reason=ASKED, by=who.actor, at=at, **asked)
                return redirect("portal:payment-plan", plan.pk)
            draft = preview_plan(who.customer.pk, at=at, **asked)
        except DomainError as refusal:
            form.add_error(None, say(refusal))
    status = 422 if form.errors else 200
    return page(request, who, "portal/plans/new.html", status=status, form=form, draft=draft, invoices=invoices)


@require_http_methods(["GET", "POST"])
@sees_money
def payment_plan(request: HttpRequest, who: SignedIn, plan_id: int) -> HttpResponse:
    """Show one plan: its days, how far it is, its words; take a yes to exactly these words, or call it off."""
    found, refusal = _own(plan_id, who), ""
    if request.method == "POST":
        refusal = proof_missing(who, "change_plan") or _decide(request, who, found)
        if not refusal:
            return redirect("portal:payment-plan", found.pk)
        found = _own(plan_id, who)
    return page(
        request,
        who,
        "portal/plans/plan.html",
        status=422 if refusal else 200,
        plan=found,
        progress=progress_of(found),
        refusal=refusal,
        words=found.wording.split("\n")[1 : -len(found.instalments.all())],
        is_open=found.state == State.PROPOSED,
        is_running=found.state == State.ACTIVE,
        waits=found.state == State.WAITING_APPROVAL,
        has_agreement=found.agreed_at is not None,
    )


@require_GET
@sees_money
def plan_file(request: HttpRequest, who: SignedIn, plan_id: int) -> HttpResponse:
    """Hand out the agreement of a plan as it was accepted."""
    found, at = _own(plan_id, who), timezone.now()
    document = plan_document(found.pk, at=at) if found.agreed_at else None
    if document is None:
        return page(request, who, "portal/not_found.html", status=404)
    record_view(who.customer.pk, what=f"document:{document.pk}", by=who.actor, at=at)
    return as_file(document)


def _own(plan_id: int, who: SignedIn) -> PaymentPlan:
    try:
        return get_plan(plan_id, customer_id=who.customer.pk)
    except NoSuchPlan:
        refuse_foreign(f"paymentplan:{plan_id}", who)


def _decide(request: HttpRequest, who: SignedIn, found: PaymentPlan) -> str:
    """Return why the answer could not be taken; nothing when it was."""
    answer, at = request.POST.get("answer", ""), timezone.now()
    try:
        if answer == "agree":
            accept_plan(found.pk, acceptance=accepted_here(request, who), by=who.actor, at=at)
            messages.success(request, _("Thank you. This is agreed, and the agreement is on its way to you."))
        elif answer == "cancel":
            cancel_plan(found.pk, reason=NOT_WANTED, by=who.actor, at=at)
            messages.success(request, _("The plan is called off. What is left is due as your bills say."))
        else:
            return _("Please agree to the plan or call it off.")
    except DomainError as problem:
        return say(problem)
    return ""
