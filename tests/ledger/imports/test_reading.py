"""Files as they come: separators, marks, what is unreadable as a whole, and every wrong cell in words. Pure."""

from __future__ import annotations

import contextlib
import io
import json
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.imports.json_reading import JsonObjects
from ledger.imports.reading import LONGEST_LINE, UnreadableFile
from ledger.imports.sources import Asked, count_rows, rows_of


def read(kind: str, text: str | bytes, form: str = "csv"):
    content = text.encode() if isinstance(text, str) else text
    asked = Asked(kind, form)
    found = list(rows_of(asked, io.BytesIO(content)))
    assert count_rows(asked, io.BytesIO(content)) == len(found)
    return found


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_comma_semicolon_tab_and_a_byte_order_mark_read_the_same(separator, mark):
    lines = [["Id", "Name", "Country", "Currency"], ["a", '"Berg, Ana; née Ek"', "DE", "EUR"]]

    (row,) = read("customers", mark + "\r\n".join(separator.join(line) for line in lines) + "\r\n")

    assert (row.line, row.row.external_id, row.row.name) == (2, "a", "Berg, Ana; née Ek")


def test_every_wrong_cell_of_every_row_is_told_with_its_line():
    rows = read(
        "customers",
        "id,name,country,currency,credit,time_zone\n"
        'a,Ana,Germany,EUX,"12,50",Berlin\n'
        'b,"Bo\nLund",SE,SEK,-1.00,\n'
        'c,Cy,US,USD,"1,250.00",\n',
    )

    assert [row.line for row in rows] == [2, 3, 5]
    assert rows[0].problems == (
        "currency: 'EUX' is not a currency we know.",
        "country: 'GERMANY' is not a country code such as DE.",
        "time_zone: 'Berlin' is not a time zone such as Europe/Berlin.",
    )
    assert rows[1].problems == (
        "name: has a line break or a sign that cannot be printed.",
        "credit: -1.00 is below zero.",
    )
    assert rows[2].problems == (
        "credit: '1,250.00' has a separator between thousands: write the digits without it, such as 1250.00.",
    )


@pytest.mark.parametrize(
    ("amount", "currency", "why"),
    [
        ("12,50", "EUR", "'12,50' has a decimal comma: write 12.50."),
        ("12.505", "EUR", "'12.505' has more digits than EUR allows (2)."),
        ("12.50", "JPY", "'12.50' has more digits than JPY allows (0)."),
        ("=1+1", "EUR", "'=1+1' is not an amount such as 12.50."),
        ("١٢", "EUR", "'١٢' is not an amount such as 12.50."),
    ],
)
def test_an_amount_that_could_mean_something_else_is_refused_with_the_fix(amount, currency, why):
    text = f'number;customer;currency;issued_on;due_on;net;tax\n1;c;{currency};2026-02-01;2026-02-15;"{amount}";0\n'

    (row,) = read("invoices", text)

    assert row.problems == (f"net: {why}",)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The file is empty"),
        (b"id,name\n\0\0\1", "this is no text file"),
        (b"PK\x03\x04\x14\0", "This is an Excel file. Save it as CSV UTF-8."),
        ("id,name\na,Änne\n".encode("latin-1"), "Line 2 is not UTF-8 text"),
        ("id,name\n".encode("utf-16"), "UTF-16"),
        (b"id,name\na," + b"x" * (LONGEST_LINE + 9), "Line 2 is longer than"),
        (b'id,name\na,"never closed\nb,c\n', "a quote is opened"),
        (b"id,name,name\n", "'name' stands twice"),
        (b"id,nme\n", "lacks 'name'. Nobody reads 'nme'; take it out."),
        (b"<html>", "lacks 'id', 'name'"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole_in_words(content, why):
    with pytest.raises(UnreadableFile, match=re.escape(why)):
        count_rows(Asked("customers"), io.BytesIO(content))


def test_a_row_with_a_cell_too_many_is_refused_and_its_neighbours_are_read():
    rows = read("customers", "id,name,country,currency\na,Berg, Ana,DE,EUR\nb,Bo,SE,SEK\n")

    assert rows[0].problems == (
        "The row has 5 cells, the first line 4. A text with a separator in it stands in quotes.",
    )
    assert rows[1].row.name == "Bo"


def test_rows_of_one_bill_that_are_apart_are_refused_because_half_a_bill_is_wrong():
    head = "number,customer,currency,issued_on,due_on,net,tax\n"
    line = "{},c,EUR,2026-02-01,2026-02-15,1.00,0\n"

    with pytest.raises(UnreadableFile, match="the rows of '1' are apart; sort the file by number"):
        count_rows(Asked("invoices"), io.BytesIO((head + line.format(1) + line.format(2) + line.format(1)).encode()))


OBJECTS = [{"id": "a", "n": 1}, {"id": "b", "data": [{"id": "inner"}], "t": "x],}[{"}, {"id": "c", "rate": 19.25}]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(one) for one in OBJECTS),
        json.dumps(OBJECTS),
        json.dumps({"object": "list", "url": "/v1/customers", "has_more": False, "data": OBJECTS}, indent=2),
        json.dumps({"object": "list", "data": OBJECTS[:1], "has_more": True, "url": "/v1/x"})
        + "\n"
        + json.dumps({"data": OBJECTS[1:], "has_more": False, "object": "list"}),
    ],
    ids=["lines", "array", "list", "pages"],
)
def test_objects_are_found_in_lines_arrays_and_lists_of_an_api(text):
    found = list(JsonObjects(io.BytesIO(text.encode())))

    assert [thing["id"] for _, thing in found] == ["a", "b", "c"]
    assert [place for place, _ in found] == [1, 2, 3]
    assert found[2][1]["rate"] == Decimal("19.25")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"id": ', "Entry 1 is not JSON"),
        ("[" * 100_000, "no object|nested too deeply|not JSON"),
        ('[{"id": "a"}', "cut off"),
        ('{"id": "' + "x" * (LONGEST_LINE + 99) + '"}', "longer than"),
        ("[1, 2]", "Entry 1 is no object"),
        ('{"n": NaN}', "Entry 1 is not JSON"),
        ("\0", "no text file"),
    ],
)
def test_what_is_no_json_is_refused_and_never_read_without_end(text, why):
    with pytest.raises(UnreadableFile, match=why):
        list(JsonObjects(io.BytesIO(text.encode())))


@settings(max_examples=50)
@given(st.binary(max_size=300), st.sampled_from(["csv", "stripe", "stripe_csv"]))
def test_whatever_the_bytes_are_the_answer_is_rows_or_a_refusal(content, form):
    header = b"id,name,country,currency,credit\n" if form != "stripe" else b"["
    rows = []
    with contextlib.suppress(UnreadableFile):
        rows = list(rows_of(Asked("customers", form), io.BytesIO(header + content)))

    assert all(row.row or row.problems for row in rows)
