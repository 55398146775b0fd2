"""Identifiers: found by kind, what a note needs left alone, hidden and put back without loss."""

import itertools
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafting.deidentify import Mask, find_identifiers

OWN = Path(__file__).resolve().parents[3] / "bench" / "identifiers_own.jsonl"
LABELLED: list[dict[str, Any]] = [json.loads(line) for line in OWN.read_text("utf-8").splitlines()]

FOUND = [
    ("Called Renata Oliveira back.", "Renata Oliveira", "name"),
    ("Met w/ marcus, 50 min.", "marcus", "name"),
    ("pt's gf amber came along.", "amber", "name"),
    ("spoke to mr. patterson at school", "patterson", "name"),
    ("Her aunt Faith drove her.", "Faith", "name"),
    ("Will said he may come.", "Will", "name"),
    ("Hope says she slept.", "Hope", "name"),
    ("June, the aunt, may attend.", "June", "name"),
    ("Neighbor Joy Patterson came by.", "Joy Patterson", "name"),
    ("Dr. Young raised the dose.", "Young", "name"),
    ("K.L. came in angry.", "K.L.", "name"),
    ("R. Novak spoke first.", "R. Novak", "name"),
    ("Then J. rolled her eyes.", "J.", "name"),
    ("Sponsor Big Al drove him.", "Big Al", "name"),
    ("Her brother TJ overdosed.", "TJ", "name"),
    ("Roommate Storm moved out.", "Storm", "name"),
    ("Met with Fatima al-Rashid today.", "Fatima al-Rashid", "name"),
    ("Spoke with Lucía Fernández de la Vega.", "Lucía Fernández de la Vega", "name"),
    ("Aoife Ní Bhriain is homesick.", "Aoife Ní Bhriain", "name"),
    ("Hyun-woo described the argument.", "Hyun-woo", "name"),
    ("Nguyễn Văn Minh is early.", "Nguyễn Văn Minh", "name"),
    ("Ct's boss, O'Malley, yelled.", "O'Malley", "name"),
    ("Ngozi practiced paced breathing.", "Ngozi", "name"),
    ("Call (312) 555-0147 first.", "(312) 555-0147", "phone"),
    ("Cell +1 773 555 0119.", "+1 773 555 0119", "phone"),
    ("Texted from 555-0122 at 6 am.", "555-0122", "phone"),
    ("Fax: 646.555.0171", "646.555.0171", "phone"),
    ("Write to m.q+x@mail.example.com soon.", "m.q+x@mail.example.com", "email"),
    ("Blog https://quiet.example.net/diary, she says.", "https://quiet.example.net/diary", "url"),
    ("Posts as @quiet_88 now.", "@quiet_88", "username"),
    ("her login is lan.nguyen.thi.", "lan.nguyen.thi", "username"),
    ("Lives at 418 Linden Ave, Apt 3B, Evanston, IL 60202.", "418 Linden Ave, Apt 3B, Evanston, IL 60202", "address"),
    ("House at 22 Quarry Road, Galena. Client cried.", "22 Quarry Road, Galena", "address"),
    ("Send to PO Box 519, Carthage in June.", "PO Box 519, Carthage", "address"),
    ("Meeting at 1100 W. Foster tonight.", "1100 W. Foster", "address"),
    ("Dorm: Whitman Hall 214.", "Whitman Hall 214", "address"),
    ("Lebt in der Lindenstraße 12.", "Lindenstraße 12", "address"),
    ("ROI expires 2027-01-31.", "2027-01-31", "date"),
    ("Moved to 11/12.", "11/12", "date"),
    ("Fired on October 3 by phone.", "October 3", "date"),
    ("Born 9 May 1976 in town.", "9 May 1976", "date_of_birth"),
    ("DOB: 04/17/1989", "04/17/1989", "date_of_birth"),
    ("Nació el 12/08/2014.", "12/08/2014", "date_of_birth"),
    ("SSN is 987-65-4320.", "987-65-4320", "ssn"),
    ("MRN 00482913. Seen.", "00482913", "record_number"),
    ("chart NL-77120, enclosed", "NL-77120", "record_number"),
    ("driver's license B400-7781-2093", "B400-7781-2093", "record_number"),
    ("case no. 22-JV-00418", "22-JV-00418", "record_number"),
    ("Insurance id XQH553201874", "XQH553201874", "record_number"),
    ("Card 4111 1111 1111 1111 declined.", "4111 1111 1111 1111", "account"),
    ("From IP 198.51.100.23 at night.", "198.51.100.23", "ip"),
    ("His truck, plate KXR 4827, outside.", "KXR 4827", "plate"),
    ("A 94-year-old widow.", "94", "age"),
    ("Seen at Harbor Street Family Medicine.", "Harbor Street Family Medicine", "organisation"),
    ("Let go from Calloway Freight.", "Calloway Freight", "organisation"),
    ("Inpatient at St. Brendan's Hospital.", "St. Brendan's Hospital", "organisation"),
    ("She works at Target.", "Target", "organisation"),
]

LEFT = [
    "Beck inventory 21, Linehan biosocial model, Young schema modes, Gottman repair, Socratic questions.",
    "Hope is hard. Grace toward herself. Will pace, journal and call 988. May practice twice. Faith is a support.",
    "She will mark the days; art, joy and a rose. Bill paying, a chase, a jack, a grant.",
    "Lexapro 10 mg, Seroquel 25 mg, Abilify 5 mg, Ativan not used. Zoloft, Wellbutrin XL 300.",
    "PHQ-9 14, GAD-7 12, SUDS 65 to 30, urges 6/10, slept on 3/7 nights, from 8/10 to 4/10.",
    "See Tuesdays at 4 pm, 6:40 am, 53 min, 90837. Ct is 34, daughter (6), grandfather 82. In June and since March.",
    "Mom, sister and mother-in-law came. Ct's dad left.",
    "DEAR MAN, wise mind, TIP skill, Hope Box, Safe Place, Window of Tolerance, Loving Kindness audio.",
    "Columbia negative. Stanley-Brown plan. Snaith-Hamilton scale. Ainsworth-style pattern. Rogers-style reflection.",
    "EMDR phase 3, CBT-I, IFS: the Manager and the Firefighter. Polyvagal Theory. SMART Recovery and AA.",
    "Intensive Outpatient Program discussed. Narrative Exposure Therapy next. Internal Family Systems.",
    "Duerme mejor, sin pesadillas esta semana. Llegó con bastón. Refiere ansiedad.",
]


def found_in(text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.type) for span in find_identifiers(text)]


@pytest.mark.parametrize(("text", "typed", "kind"), FOUND)
def test_each_kind_is_found_as_it_was_typed(text: str, typed: str, kind: str) -> None:
    assert (typed, kind) in found_in(text)


@pytest.mark.parametrize("text", LEFT)
def test_what_a_note_needs_is_left_alone(text: str) -> None:
    assert found_in(text) == []


def test_the_same_name_is_found_again_where_nothing_tells_it() -> None:
    text = "Her aunt Faith called. Then faith came up. Faith again."
    assert [span.start for span in find_identifiers(text) if span.type == "name"] == [9, 43]


def test_known_names_are_found_however_they_are_typed() -> None:
    text = "verbena late again. VERBENA Stokes-Okri cried."
    assert found_in(text) != found_in(text.lower())
    known = find_identifiers(text, ["Verbena Stokes-Okri"])
    assert [text[span.start : span.end] for span in known] == ["verbena", "VERBENA Stokes-Okri"]


def test_spans_are_in_order_and_do_not_overlap() -> None:
    for row in LABELLED:
        spans = find_identifiers(row["text"])
        assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_the_labelled_texts_stay_above_the_floor() -> None:
    marks = hidden = 0
    for row in LABELLED:
        places = {at for span in find_identifiers(row["text"]) for at in range(span.start, span.end)}
        for mark in row["spans"]:
            marks += 1
            hidden += places.issuperset(at for at in range(mark["start"], mark["end"]) if row["text"][at] != " ")
    clean = [row for row in LABELLED if not row["spans"]]
    untouched = sum(not find_identifiers(row["text"]) for row in clean)
    assert hidden / marks >= 0.98
    assert untouched / len(clean) >= 0.97


@pytest.mark.parametrize("unit", ["a.", "1.1.", "A. ", "Maria, ", "1/1 ", "12 Oak ", "[NAME_1] ", "+1 ", "de la "])
def test_no_text_is_slow(unit: str) -> None:
    text = (unit * 4000)[:8000]
    started = time.process_time()
    find_identifiers(text)
    assert time.process_time() - started < 1


# -- the mask


def test_one_person_keeps_one_number() -> None:
    mask = Mask()
    assert mask.hide("Marisol Quintero called; Ms. Quintero (M.Q.) says Marisol's cat is fine.") == (
        "[NAME_1] called; Ms. [NAME_1_LAST] ([NAME_1_INITIALS]) says [NAME_1_FIRST]'s cat is fine."
    )
    assert mask.hide("Paul met Marisol.") == "[NAME_2] met [NAME_1_FIRST]."


def test_a_name_that_one_text_makes_plain_is_hidden_in_all() -> None:
    mask = Mask()
    assert "Hope" not in mask.hide("Her sister Hope drove.") + mask.hide("Hope is angry at me.")
    learned = Mask()
    learned.learn("Tells of her aunt Faith.", "No name here.")
    assert learned.hide("Faith again.") == "[NAME_1] again."


def test_everyday_words_of_a_name_are_not_hidden_in_the_next_text() -> None:
    mask = Mask()
    mask.learn("Sponsor Big Al and his brother Will came.")
    assert (
        mask.hide("Big changes. Will try again in May. Al agreed.")
        == "Big changes. Will try again in May. [NAME_1] agreed."
    )


def test_days_stay_and_days_of_birth_go() -> None:
    text = "Born 04/17/1989, seen 11/12."
    assert Mask().hide(text) == "Born [DATE_OF_BIRTH_1], seen 11/12."
    assert Mask(keep_dates=False).hide(text) == "Born [DATE_OF_BIRTH_1], seen [DATE_1]."


@pytest.mark.parametrize(
    ("bent", "meant"),
    [
        ("[NAME_1]'s sister", "Ngozi Eze's sister"),
        ("[NAME_1]s sister", "Ngozi Ezes sister"),
        ("[NAME_1's] sister", "Ngozi Eze's sister"),
        ("[Name 1] said", "Ngozi Eze said"),
        ("[ name-1 ] said", "Ngozi Eze said"),
        ("NAME_1 said", "Ngozi Eze said"),
        (r"[NAME\_1] said", "Ngozi Eze said"),
        ("(NAME_1)", "(Ngozi Eze)"),
        ("[NAME_1_FIRST] said", "Ngozi said"),
        ("[Name_1_Last] said", "Eze said"),
        ("[NAME_1_INITIALS] said", "N.E. said"),
        ("[PHONE_1]", "555-0122"),
        ("[phone 1]", "555-0122"),
        ("[ORGANIZATION_1]", "Harbor Clinic"),
    ],
)
def test_bent_placeholders_are_put_back(bent: str, meant: str) -> None:
    mask = Mask()
    mask.hide("Ngozi Eze called from 555-0122, seen at Harbor Clinic.")
    assert mask.reveal(bent) == meant


@pytest.mark.parametrize("invented", ["[NAME_7] said", "[PHONE_2]", "[SSN_1]", "NAME_12", "[NAME_0]"])
def test_invented_placeholders_stay_visible(invented: str) -> None:
    mask = Mask()
    mask.hide("Ngozi Eze called from 555-0122.")
    assert mask.reveal(invented) == invented


@pytest.mark.parametrize(
    "text",
    [
        "[NAME_1] typed by hand, and Ngozi.",
        "NAME_1, name_1_first, [name 1's] [[NAME_1]] [NAME_1",
        "NAME_1555-0122 NAME_555-0122",
        "[TEXT_1] [[TEXT_1]] TEXT_1",
        "",
        "\n[ NAME_1 ]\r\n\tMaria's 555-0122's",
        "Ngozi Ngozi ngozi NGOZI Ngozi's N. Eze N.E. Ms. Eze",
    ],
)
def test_what_looks_like_a_placeholder_comes_back_as_typed(text: str) -> None:
    mask = Mask()
    hidden = mask.hide(text)
    mask.hide("Ngozi Eze, Maria Paz and Tom called from 555-0122.")
    assert mask.reveal(hidden) == text


PIECES = [
    "Maria", "Maria Paz", "Ms. Paz", "M.P.", "maria", "555-0122", "(312) 555-0147", "11/12", "DOB 1/2/1990", "Will",
    "will", "[NAME_1]", "NAME_1", "[name 1's]", "[TEXT_2]", "_1", "[", "]", "'s", "s", " ", " ", ", ", ". ", "\n",
    "_", "1", "NAME", "Harbor Clinic", "a@b.example", "Dr. ", "her sister ", "says", "é", "İ", "ﬁ", "\u2019s", "\\_",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=40), max_size=4))
def test_reveal_undoes_hide(texts: list[str]) -> None:
    mask = Mask(["Maria Paz"])
    hidden = [mask.hide(text) for text in texts]
    assert [mask.reveal(text) for text in hidden] == texts


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LABELLED))
def test_nothing_marked_is_left_in_what_is_sent(row: dict[str, Any]) -> None:
    mask = Mask(keep_dates=False)
    hidden = mask.hide(row["text"])
    assert mask.reveal(hidden) == row["text"]
    for span in find_identifiers(row["text"]):
        typed = re.escape(row["text"][span.start : span.end])
        if span.end - span.start > 4:
            assert not re.search(rf"(?<!\w){typed}(?!\w)", hidden)
