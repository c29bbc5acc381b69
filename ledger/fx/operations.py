"""Adding rates, exchanging money, realising gains and losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.db import connection, transaction

from ledger.books import posting_rules
from ledger.books.operations import post_entry
from ledger.errors import DomainError, InvalidInput, NotAllowed
from ledger.events import kinds
from ledger.events.actor import Actor, ActorKind
from ledger.events.operations import record_event
from ledger.fx.models import Exchange, ExchangeRate, PositionStep
from ledger.fx.positions import Position, gain_between
from ledger.fx.queries import position_of, rate_for
from ledger.fx.rates import InvalidRate, Rate, convert, implied_rate
from ledger.money import Money

TREASURERS = frozenset({"finance", "supervisor"})
#: Who may add rates besides, as a source publishes them; which keys may is decided when a key is issued.
RATE_SOURCES = frozenset({"integration"})
#: How far from its rate an exchange may be, as a share of it: banks keep a margin, typing errors are larger.
LARGEST_MARGIN = Fraction(1, 10)


class NotTreasurer(NotAllowed):
    """Only finance and supervisors add rates and exchange money."""


class ReferenceReused(DomainError):
    """Another exchange with other amounts has the same reference."""


class RateDoesNotFit(InvalidInput):
    """The amounts are further from the rate than any bank's margin."""


class RateTooFine(InvalidInput):
    """A rate has more digits than the table keeps."""


@dataclass(frozen=True, slots=True)
class RatesLoaded:
    """How many rates were new or corrected, and how many were known."""

    added: int
    known: int


@transaction.atomic
def add_rates(rates: Sequence[Rate], *, by: Actor, at: datetime) -> RatesLoaded:
    """This will add the rates that are not on file yet; a rate that differs from the one on file corrects it.

    :raises NotTreasurer: if the doer is neither finance, supervisor nor an integration
    :raises InvalidRate: if a rate is not between two currencies
    :raises RateTooFine: if a rate has more than 12 digits after the point
    """
    _check_treasurer(by, among=TREASURERS | RATE_SOURCES)
    if any(rate.currency == rate.to for rate in rates):
        raise InvalidRate("An exchange rate is between two different currencies.")
    wanted = {(rate.currency, rate.to, rate.on, rate.source): rate.value for rate in rates}
    for value in wanted.values():
        if value != round(value, 12):
            raise RateTooFine(f"The rate {value} has more than 12 digits after the point.")
    known = _on_file(rates)
    new = [(key, value) for key, value in wanted.items() if known.get(key) != value]
    ExchangeRate.objects.bulk_create(
        [
            ExchangeRate(base=base, quote=quote, rate=value, on=on, source=source, recorded_at=at, recorded_by=str(by))
            for (base, quote, on, source), value in new
        ],
        batch_size=2000,
    )
    if new:
        days = sorted({on for (_, _, on, _), _ in new})
        record_event(
            kinds.EXCHANGE_RATES_LOADED, subject="exchange_rates", customer_id=None, by=by, at=at, added=len(new),
            first_on=days[0].isoformat(), last_on=days[-1].isoformat(), source=rates[0].source,
        )  # fmt: skip
    return RatesLoaded(len(new), len(wanted) - len(new))


def _on_file(rates: Sequence[Rate]) -> dict[tuple[str, str, date, str], Decimal]:
    """Return the newest row per pair, day and source, of the days asked for."""
    if not rates:
        return {}
    days = [rate.on for rate in rates]
    rows = ExchangeRate.objects.filter(on__gte=min(days), on__lte=max(days), base__in={rate.currency for rate in rates})
    newest = rows.order_by("base", "quote", "on", "source", "-id").distinct("base", "quote", "on", "source")
    return {(row.base, row.quote, row.on, row.source): row.rate for row in newest}


@transaction.atomic
def exchange(
    *, sold: Money, bought: Money, fee: Money | None = None, rate: Rate | None = None, reference: str,
    exchanged_on: date, by: Actor, at: datetime,
) -> Exchange:  # fmt: skip
    """This will book money of one currency given for another, and the gain or loss on what is no longer held.

    The bank's reference makes it happen once: the same exchange again returns the first one. Without a rate the one
    that the amounts imply is noted.

    :raises ReferenceReused: if the reference stands for other amounts
    :raises RateDoesNotFit: if the amounts are not near the rate
    :raises NoRate: if neither currency is the book currency, and what they are worth in it is not known
    """
    fee = fee or Money(0, sold.currency)
    _check_treasurer(by)
    check_exchange(sold=sold, bought=bought, fee=fee, rate=rate, reference=reference)
    _wait_for_turn()
    known = Exchange.objects.filter(reference=reference).first()
    if known is not None:
        if (known.sold, known.bought, known.fee) != (sold, bought, fee):
            raise ReferenceReused(f"The reference {reference!r} stands for another exchange: {known}.")
        return known
    noted = rate or implied_rate(sold, bought, on=exchanged_on)
    row = Exchange.objects.create(
        reference=reference, sold_minor=sold.minor, sold_currency=sold.currency, bought_minor=bought.minor,
        bought_currency=bought.currency, fee_minor=fee.minor, rate=noted.value, rate_source=noted.source,
        rate_on=noted.on, exchanged_on=exchanged_on, recorded_at=at, recorded_by=str(by),
    )  # fmt: skip
    name = f"exchange:{row.pk}"
    post_entry(posting_rules.currency_exchanged(sold, bought, fee, exchange=name, on=exchanged_on), by=by, at=at)
    gained = _move_positions(row, sold, bought)
    _post_gain(gained, source=name, on=exchanged_on, by=by, at=at)
    record_event(
        kinds.CURRENCY_EXCHANGED, subject=row, customer_id=None, by=by, at=at, amount_minor=sold.minor,
        currency=sold.currency, bought_minor=bought.minor, bought_currency=bought.currency, rate=str(noted),
        gained_minor=gained.minor, book_currency=gained.currency,
    )  # fmt: skip
    return row


def check_exchange(*, sold: Money, bought: Money, fee: Money, rate: Rate | None, reference: str) -> None:
    """Refuse an exchange that cannot be.

    :raises InvalidInput: if the amounts, the fee's currency or the reference cannot be
    :raises RateDoesNotFit: if what was bought is not near what the rate makes of what was sold
    """
    if sold.minor <= 0 or bought.minor <= 0 or fee.minor < 0 or sold.currency == bought.currency:
        raise InvalidInput("An exchange gives an amount above zero for one in another currency.")
    if fee.currency != sold.currency:
        raise InvalidInput("The fee of an exchange is in the currency that was given.")
    if not reference.strip() or len(reference) > 100:
        raise InvalidInput("An exchange needs the bank's reference, of at most 100 characters.")
    if rate is not None:
        expected = convert(sold, rate)
        margin = max(Fraction(1), expected.minor * LARGEST_MARGIN)
        if rate.to != bought.currency or abs(bought.minor - expected.minor) > margin:
            raise RateDoesNotFit(f"At {rate}, {sold} are {expected}, not {bought}.")


@transaction.atomic
def realise(source: str, amount: Money, *, came_at: Rate, leaves_at: Rate, on: date, by: Actor, at: datetime) -> Money:
    """This will book what an amount gained or lost between two rates; return it, below zero for a loss.

    For a refund: the customer gets back what they paid, and the difference in the book currency is ours. The source
    (`refund:42`) makes it happen once; repeating is harmless.

    :raises InvalidRate: if the rates are not from the amount's currency to the book currency
    """
    if came_at.to != settings.BOOK_CURRENCY or leaves_at.to != settings.BOOK_CURRENCY:
        raise InvalidInput(f"Gains are booked in {settings.BOOK_CURRENCY}.")
    gained = gain_between(amount, came_at=came_at, leaves_at=leaves_at)
    if _post_gain(gained, source=source, on=on, by=by, at=at):
        record_event(
            kinds.CURRENCY_GAIN_REALISED, subject=source, customer_id=None, by=by, at=at, amount_minor=amount.minor,
            currency=amount.currency, gained_minor=gained.minor, book_currency=gained.currency, came_at=str(came_at),
            leaves_at=str(leaves_at),
        )  # fmt: skip
    return gained


def _post_gain(gained: Money, *, source: str, on: date, by: Actor, at: datetime) -> bool:
    """Post a gain or a loss; return whether that was new. Nothing gained is nothing to post."""
    if not gained.minor:
        return False
    rule = posting_rules.currency_gained if gained.minor > 0 else posting_rules.currency_lost
    size = Money(abs(gained.minor), gained.currency)
    return not post_entry(rule(size, source=source, on=on), by=by, at=at).replayed


def _move_positions(row: Exchange, sold: Money, bought: Money) -> Money:
    """Keep what is held of each foreign currency after an exchange; return what was gained."""
    book = settings.BOOK_CURRENCY
    worth = _worth(sold, bought, book=book, on=row.exchanged_on)
    gained = Money(0, book)
    for amount, is_sale in ((sold, True), (bought, False)):
        if amount.currency == book:
            continue
        before: Position = position_of(amount.currency)
        after, gain = before.sold(amount, proceeds=worth) if is_sale else before.bought(amount, cost=worth)
        PositionStep.objects.create(
            exchange=row, currency=amount.currency, held_minor=after.held.minor, cost_minor=after.cost.minor,
            gained_minor=gain.minor, book_currency=book,
        )  # fmt: skip
        gained = gained + gain
    return gained


def _worth(sold: Money, bought: Money, *, book: str, on: date) -> Money:
    if book in (sold.currency, bought.currency):
        return sold if sold.currency == book else bought
    return convert(sold, rate_for(sold.currency, to=book, on=on))


def _wait_for_turn() -> None:
    """Let exchanges follow one another, so that each sees what the one before left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger_exchange'))")


def _check_treasurer(by: Actor, *, among: frozenset[str] = TREASURERS) -> None:
    if by.kind != ActorKind.SYSTEM and not among & by.roles:
        raise NotTreasurer("Only finance and supervisors add rates and exchange money.")
