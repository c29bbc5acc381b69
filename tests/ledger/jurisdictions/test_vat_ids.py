"""VAT ids: the right form for the country; what a register said is kept and never changed."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.customers.operations import open_customer
from ledger.customers.tax_ids import confirm_vat_id, refute_vat_id, set_vat_id
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.jurisdictions.models import TaxIdCheck
from ledger.jurisdictions.operations import NotKeeperOfRules
from ledger.jurisdictions.queries import tax_id_checks
from ledger.jurisdictions.tax_ids import InvalidVatId, check_tax_id, record_tax_id_check
from ledger.jurisdictions.vat_ids import normalise_vat_id, vat_id_problem
from ledger.models import Event
from tests.conftest import NOW

#: FIELD_PRACTICE 8; each with the country its customer is in.
VALID = [
    ("DE136695976", "DE"), ("IE6433435F", "IE"), ("NL004495445B01", "NL"), ("ATU13585627", "AT"),
    ("BE0776091951", "BE"), ("EL094259216", "GR"), ("XI980780684", "GB"), ("SE123456789701", "SE"),
    ("IT00743110157", "IT"), ("PL8567346215", "PL"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "country"), VALID)
def test_an_id_of_the_right_form_is_one_of_its_own_country_only(number, country):
    assert vat_id_problem(number, country=country) == ""
    assert "not a VAT id of ES" in vat_id_problem(number, country="ES")


@pytest.mark.parametrize(
    ("number", "country", "words"),
    [
        ("DE136695978", "DE", "form or check digit"),
        ("FRXX999999999", "FR", "form or check digit"),
        ("GB980780684", "GB", "form or check digit"),
        ("EU372022452", "IE", "one-stop-shop"),
        ("", "NL", "begins with nothing"),
        ("NL٠٠٤٤٩٥٤٤٥B01", "NL", "form or check digit"),
        ("NL" + "0" * 5000, "NL", "form or check digit"),
    ],
)
def test_an_id_that_cannot_be_one_is_refused_with_the_reason(number, country, words):
    assert words in vat_id_problem(number, country=country)


def test_spaces_marks_and_small_letters_do_not_matter_and_greece_is_el():
    assert normalise_vat_id(" nl 0044.95-445/b01 ") == "NL004495445B01"
    assert normalise_vat_id("GR094259216") == "EL094259216"
    assert vat_id_problem("gr 094259216", country="GR") == ""


@given(st.text(max_size=30), st.sampled_from(["DE", "NL", "GR", "GB", "US"]))
@settings(max_examples=60)
def test_any_text_gets_an_answer(text, country):
    assert isinstance(vat_id_problem(text, country=country), str)


class Register:
    """A register that answers, as VIES would."""

    name = "VIES consultation WAPI-1"

    def check(self, vat_id: str) -> tuple[str, str]:
        return "registered", f'{{"vatNumber": "{vat_id}", "valid": true}}'


@pytest.mark.django_db
class TestChecks:
    def test_a_register_is_asked_and_its_answer_kept_word_for_word(self, system):
        check = check_tax_id(17, vat_id="NL004495445B01", country="NL", checker=Register(), by=system, at=NOW)

        assert check.result == "registered"
        assert check.response == '{"vatNumber": "NL004495445B01", "valid": true}'
        assert Event.objects.get(kind="tax_id.checked").customer_id == 17

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            ({"vat_id": "DE136695976"}, InvalidVatId),
            ({"result": "fine"}, InvalidInput),
            ({"source": " "}, InvalidInput),
        ],
    )
    def test_a_check_that_says_nothing_is_refused(self, olg, facts, refusal):
        said = {"vat_id": "NL004495445B01", "country": "NL", "result": "registered", "source": "VIES", **facts}

        with pytest.raises(refusal):
            record_tax_id_check(17, **said, by=olg, at=NOW)
        assert TaxIdCheck.objects.count() == 0

    def test_a_customer_or_an_agent_cannot_say_what_the_register_said(self, mia):
        for by in (mia, Actor.customer(17)):
            with pytest.raises(NotKeeperOfRules):
                record_tax_id_check(
                    17, vat_id="NL004495445B01", country="NL", result="registered", source="me", by=by, at=NOW
                )

    def test_a_check_is_never_changed(self, olg):
        record_tax_id_check(
            17, vat_id="NL004495445B01", country="NL", result="not_registered", source="VIES", by=olg, at=NOW
        )
        for write in (
            lambda: TaxIdCheck.objects.update(result="registered"),
            lambda: TaxIdCheck.objects.all().delete(),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                write()

    def test_on_the_customers_page_finance_sets_confirms_and_refutes_an_id(self, olg, system):
        delta = open_customer(name="Delta BV", country="NL", currency="EUR", kind="business", by=system, at=NOW)
        set_vat_id(delta.pk, vat_id="nl 004495445 b01", by=olg, at=NOW)
        confirm_vat_id(delta.pk, source="VIES WAPI-1", by=olg, at=NOW)
        refute_vat_id(delta.pk, source="VIES WAPI-2", by=olg, at=NOW.replace(hour=12))

        assert [check.result for check in tax_id_checks(delta.pk)] == ["not_registered", "registered"]
        with pytest.raises(InvalidVatId):
            set_vat_id(delta.pk, vat_id="DE136695976", by=olg, at=NOW)
