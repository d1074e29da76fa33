"""Dates are read as stated, and never guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.intake.tables.dates import AmbiguousDate, contradiction, date_form, read_date


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("05/03/2026", "DD/MM/YYYY"),
        ("03/05/2026", "MM/DD/YYYY"),
        ("5/3/2026", "D/M/YYYY"),
        ("5-Mar-2026", "D-MMM-YYYY"),
        ("05 MAR 2026", "DD MMM YYYY"),
        ("5.3.2026", "D.M.YYYY"),
        ("20260305", "YYYYMMDD"),
        ("2026/03/05", "YYYY/MM/DD"),
    ],
)
def test_the_fifth_of_march_in_every_stated_form(text: str, form: str) -> None:
    assert read_date(text, (form,)).first == date(2026, 3, 5)


def test_a_date_with_two_readings_is_not_read_without_a_form() -> None:
    for text in ("05/03/2026", "5.3.2026", "05-03-26", "13/03/2026"):
        with pytest.raises(AmbiguousDate):
            read_date(text, ())


def test_iso_dates_need_no_form_and_keep_their_precision() -> None:
    assert read_date("2026-03-05", ()).precision == "day"
    assert read_date("2026-03", ()).precision == "month"
    assert read_date("2026", ()).precision == "year"
    assert read_date("2026-03-05T08:30:00", ()).precision == "instant"
    assert read_date("2026-03-05 08:30:00", ()) == read_date("2026-03-05T08:30:00", ())


def test_a_form_with_a_time_reads_to_the_minute() -> None:
    when = read_date("05/03/2026 08:30", ("DD/MM/YYYY hh:mm",))
    assert (when.first, when.instant and when.instant.hour) == (date(2026, 3, 5), 8)


def test_a_day_that_does_not_exist_is_no_date() -> None:
    for text, form in (("31/02/2026", "DD/MM/YYYY"), ("05/13/2026", "DD/MM/YYYY"), ("29/02/2026", "DD/MM/YYYY")):
        with pytest.raises(ValueError, match="not a day written as DD/MM/YYYY"):
            read_date(text, (form,))


def test_years_of_two_digits_and_years_nobody_lived_in_are_not_read() -> None:
    for text in ("05/03/26", "05/03/0026", "05/03/3026"):
        with pytest.raises(ValueError, match="not a day"):
            read_date(text, ("DD/MM/YYYY",))


def test_no_message_quotes_the_date() -> None:
    for text, forms in (("05/03/2026", ()), ("31/02/2026", ("DD/MM/YYYY",)), ("soon", ())):
        with pytest.raises(ValueError, match="the date") as problem:
            read_date(text, forms)
        assert text not in str(problem.value)


@pytest.mark.parametrize(
    "form", ["DD/MM", "YYYY-DD", "YY/MM/DD", "YYYY-MM-DD hh", "DD/MM/DD/YYYY", "hello", "YYYY hh:mm"]
)
def test_what_is_no_date_form_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r"date form|part of a time"):
        date_form(form)


def test_two_forms_that_contradict_each_other_are_found() -> None:
    assert contradiction(("DD/MM/YYYY", "MM/DD/YYYY")) == "DD/MM/YYYY and MM/DD/YYYY"
    assert contradiction(("D/M/YYYY", "MM/DD/YYYY"))
    assert not contradiction(("DD/MM/YYYY", "YYYY-MM-DD", "DD-MMM-YYYY", "D/M/YYYY"))


@given(st.dates(date(1850, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_back(day: date) -> None:
    assert read_date(f"{day:%d/%m/%Y}", ("MM-DD-YYYY", "DD/MM/YYYY")).first == day
    assert read_date(f"{day:%Y%m%d}", ("DDMMYYYY", "YYYYMMDD")).first == day
    assert read_date(f"{day:%d%m%Y}", ("YYYYMMDD", "DDMMYYYY")).first == day
