"""What customers are told when something cannot be done, by the class of the refusal, in every language but English.

In English a refusal says its own sentence, with its figures. A class that is not listed is said in English.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from billing_desk.reading import Words

REFUSALS: dict[str, Words] = {
    # Signing in and proving who one is.
    "LinkNotValid": _("This link was used already or is too old. Please ask for a new one."),
    "CodeNotRight": _("That code is not right or no longer valid."),
    "CheckLocked": _("We cannot verify anybody for this account right now. Please try again in a quarter of an hour."),
    "CheckUnderWay": _("A code is on its way to you already; please use that one."),
    "TooManyCodes": _("Too many codes went out within the hour. Please try again later."),
    "ContactTooNew": _("This contact was put on file only recently and cannot be used to verify yet."),
    "NoContactToAsk": _("There is no contact on file to which a code could go. Please call us."),
    "ProofMissing": _("For this we need to be sure that it is you. Please sign out, ask for a new link and try again."),
    # Paying.
    "NothingToCollect": _("Nothing is asked for on this bill at the moment."),
    "CollectionInProgress": _("A payment of this bill is under way already; please wait for its answer."),
    "CollectionStopped": _("We collect nothing for this bill at the moment. Please write to us if you want to pay it."),
    "NoUsableMethod": _("No card or account on file can pay this amount. Please choose another one."),
    "GatewayResting": _("A technical fault on our side: please try again in a few minutes."),
    "PaymentLinkNotValid": _("This link to pay is not valid any more. Please ask for a new one."),
    "NoSuchPaymentMethod": _("This card or account is not on file any more."),
    "CannotPayThisWay": _("This card or account cannot pay that: it has expired by then, or you transfer yourself."),
    "AlreadyChosen": _("It is paid so already."),
    "ChoiceIsUsed": _("This can no longer be taken back. Please choose another card or account instead."),
    "NoPostalAddress": _("We have no postal address of yours on file. Please tell us where to post your bills."),
    "DeliveryAlreadyChosen": _("Your bills come this way already."),
    "DeliveryIsUsed": _("This can no longer be taken back. Please choose the other way instead."),
    "OfferIsOver": _("This offer is over."),
    # Changing a plan.
    "PreviewOutdated": _("The figures have changed since they were shown. Please look at them and confirm again."),
    "PlanNotOnSale": _("This plan cannot be had any more. Please choose another one."),
    "SubscriptionNotInState": _("This is not possible for your plan as it stands now."),
    "NothingToChange": _("It is as you want it already; nothing was changed."),
    "AddOnDoesNotFit": _("This add-on is billed in another interval than the plan. Please end it or choose another."),
    "PauseTooLong": _("Your plan cannot be paused for that long."),
    "HeldByTerm": _("A term is agreed on, and it has not ended yet. We gladly tell you its end: please write to us."),
    "NotBilledHere": _("This can be changed from the next bill on, because we took your account over from elsewhere."),
    "ServiceHasEnded": _("The plan has ended; please start a new one."),
    "PriceMissing": _("There is no price for it in your currency on that day. Please write to us."),
    "UnclearChange": _("We could not understand this change. Please check what you filled in."),
    "InvalidBillDay": _("Please name a day from 1 to 31."),
    "NoSuchChange": _("There is no such change any more."),
    # Offers and payment plans.
    "OfferHasLapsed": _("This offer is over; please ask for a new one."),
    "CustomerProtected": _("We help you at the moment, so we offer only what costs less."),
    "WordingDiffers": _("The text was changed since it was shown to you. Please read it again."),
    "StartsTooEarly": _("The day on which it was to begin is over. Please ask for a new offer."),
    "AgreementNotInState": _("This offer was answered already."),
    "WrongNumberOfInstalments": _("A payment plan has 2 to 36 instalments."),
    "InstalmentTooSmall": _("The instalments would be too small. Please choose fewer."),
    "InvalidPlan": _("The first instalment is due within two months, and we need to know what you can pay a month."),
    "NotAffordable": _("The plan would ask for more a month than you can pay. Please choose more instalments."),
    "PaymentPlanAlreadyAgreed": _("One of these bills is part of a payment plan already."),
    "NothingDue": _("Nothing is due on one of these bills, so there is nothing to pay in instalments."),
    "PlanNotInState": _("This payment plan was answered already, or is over."),
    "PlanIsOver": _("This plan can no longer be agreed to; please ask for a new one."),
    "HardshipNotInState": _("We have noted this already."),
    # Settings, statements, messages.
    "InvalidInput": _("We could not understand what you filled in. Please check it."),
    "StatementUnreadable": _("The last day of a statement is not before its first."),
    "NotFound": _("There is no such thing in this account."),
}
