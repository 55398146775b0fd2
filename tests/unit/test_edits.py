"""Edited text becomes statements again: what was left alone keeps its identity, what was typed is one's own words."""

from dataclasses import replace

from bot.domain.edits import revise
from bot.domain.formats import Format, SectionSpec, arrange
from bot.domain.statements import Origin, Slot, Statement, StatementId
from bot.domain.support import Doubt, Kind

SOAP = Format(
    "soap",
    "SOAP",
    "",
    (
        SectionSpec("s", "Subjective", (Slot.REPORT, Slot.HISTORY)),
        SectionSpec("o", "Objective", (Slot.OBSERVATION, Slot.INTERVENTION)),
        SectionSpec("p", "Plan", (Slot.PLAN,)),
    ),
)
PAIR = Format(
    "pair",
    "Pair",
    "",
    (
        SectionSpec("a", "A", (Slot.INTERVENTION, Slot.PLAN)),
        SectionSpec("b", "B", (Slot.REPORT, Slot.HISTORY, Slot.OBSERVATION)),
    ),
)


def statement(key: str, slot: Slot, text: str, source: int) -> Statement:
    return Statement(StatementId(key), slot, text, (source,))


NOTE = (
    statement("s1", Slot.REPORT, "Client reports 6 h sleep. Mood better.", 1),
    statement("s2", Slot.INTERVENTION, "Reviewed the thought record w/ Dr. Ames.", 2),
    statement("s3", Slot.REPORT, "Appetite ok.", 3),
    statement("s4", Slot.OBSERVATION, "Tearful.", 4),
)


def texts(statements: tuple[Statement, ...], fmt: Format) -> dict[str, str]:
    return {section.spec.key: section.text for section in arrange(statements, fmt)}


def test_unchanged_text_is_the_same_note():
    assert revise(NOTE, SOAP, texts(NOTE, SOAP)) == NOTE
    assert revise(NOTE, SOAP, {k: f"\n  {v} \r\n\n" for k, v in texts(NOTE, SOAP).items()}) == NOTE


def test_a_changed_sentence_becomes_own_words_and_the_others_keep_their_identity():
    edited = texts(NOTE, SOAP) | {"s": "Client reports 6 h sleep. Mood better.\nAppetite is poor."}
    revised = revise(NOTE, SOAP, edited)
    assert [s.id for s in revised if s.origin is not Origin.CLINICIAN] == ["s1", "s4", "s2"]
    (own,) = [s for s in revised if s.origin is Origin.CLINICIAN]
    assert (own.text, own.slot, own.sources) == ("Appetite is poor.", Slot.REPORT, (3,))


def test_half_a_changed_statement_is_own_words_on_the_same_point():
    edited = texts(NOTE, SOAP) | {"s": "Client reports 6 h sleep. Mood worse.\nAppetite ok."}
    revised = revise(NOTE, SOAP, edited)
    assert "s1" not in {s.id for s in revised}
    assert ("Client reports 6 h sleep. Mood worse.", (1,)) in {(s.text, s.sources) for s in revised}
    assert "s3" in {s.id for s in revised}


def test_what_is_typed_stays_where_it_was_typed():
    edited = texts(NOTE, SOAP) | {"o": "Tearful.\nReviewed the thought record w/ Dr. Ames.\nThen breathing."}
    revised = revise(NOTE, SOAP, edited)
    assert arrange(revised, SOAP)[1].text.splitlines()[-1] == "Then breathing."


def test_an_empty_section_takes_text_and_a_full_one_can_be_emptied():
    revised = revise(NOTE, SOAP, {"p": "Exposure step 2.", "o": ""})
    assert [(s.slot, s.text) for s in revised][-1] == (Slot.PLAN, "Exposure step 2.")
    assert not {"s2", "s4"} & {s.id for s in revised}


def test_edits_survive_any_number_of_switches():
    revised = revise(NOTE, SOAP, texts(NOTE, SOAP) | {"p": "Exposure step 2."})
    before = arrange(revised, SOAP)
    for fmt in (PAIR, SOAP, PAIR, SOAP):
        assert {s.id for section in arrange(revised, fmt) for s in section.statements} == {s.id for s in revised}
        assert revise(revised, fmt, texts(revised, fmt)) == revised
    assert arrange(revised, SOAP) == before


def test_control_characters_other_scripts_and_emoji_are_text_like_any_other():
    typed = "שלום עולם.\nSaid “👩‍👧 ok”\x07 then left."
    (own_1, own_2) = [s for s in revise(NOTE, SOAP, {"p": typed}) if s.slot is Slot.PLAN]
    assert f"{own_1.text}\n{own_2.text}" == typed


def test_a_new_sentence_cites_nothing_and_a_replaced_one_stands_for_its_point_once():
    edited = texts(NOTE, SOAP) | {"s": "Client reports 5 h sleep. Mood better.\nAppetite ok.\nWalks the dog again."}
    sources = {s.text: s.sources for s in revise(NOTE, SOAP, edited) if s.origin is Origin.CLINICIAN}
    assert sources == {"Client reports 5 h sleep. Mood better.": (1,), "Walks the dog again.": ()}


DOUBT = Doubt(Kind.AFFECT, "visibly")
MARKED = replace(statement("s5", Slot.REPORT, "Was visibly relieved. Said so twice.", 3), doubt=DOUBT)


def doubts(edited: str) -> list[tuple[str, Doubt | None]]:
    revised = revise((NOTE[0], MARKED), SOAP, {"s": edited})
    return [(statement.text, statement.doubt) for statement in revised]


def test_a_marked_sentence_that_is_only_moved_or_shortened_keeps_its_mark():
    assert (MARKED.text, DOUBT) in doubts(f"{MARKED.text}\n{NOTE[0].text}")
    assert ("Was visibly relieved.", DOUBT) in doubts(f"{NOTE[0].text}\nWas visibly relieved.")


def test_a_marked_sentence_that_is_typed_anew_is_the_clinicians_own():
    assert ("Was relieved. Said so twice.", None) in doubts(f"{NOTE[0].text}\nWas relieved. Said so twice.")
