"""What the screens of a review put first, and that none of them says what is not true an hour later."""

from dataclasses import replace
from datetime import timedelta

from bot.cards import review_words as words
from bot.cards.elements import Actions, Button, Card, Heading, Prose, Remark, Sentence, Style
from bot.cards.learning_screens import supervision_card
from bot.cards.review_forms import comments_form, review_message
from bot.cards.review_screens import review_channel_card
from bot.cards.screens import Shown, card_for
from bot.domain.standing import Standing, SupervisionPage, WaitingNote
from bot.domain.supervision import Mode
from demo.review_examples import approved, beside, edited, in_review, look, row_of, with_changes
from demo.screens import AT, FORMATS, note

DRAFT = note()
SHOWN = Shown(FORMATS, "America/Chicago")


def first_button(card: Card) -> tuple[str, str]:
    """The primary button's action and label."""
    items = [item for row in card.elements if isinstance(row, Actions) for item in row.items]
    return next((b.action, b.label) for b in items if isinstance(b, Button) and b.style is Style.PRIMARY)


def text_of(card: Card) -> str:
    said = [e.text for e in card.elements if isinstance(e, (Sentence, Remark))]
    return "\n".join(said)


def test_changes_asked_for_are_made_first_then_signed():
    asked, changed = with_changes(DRAFT), edited(DRAFT)
    assert first_button(card_for(asked, beside(SHOWN, asked))) == ("edit", words.EDIT_RESUBMIT)
    assert first_button(card_for(changed, beside(SHOWN, changed))) == ("sign", words.SIGN_AGAIN)


def test_one_supervisor_is_enough_and_every_card_says_so():
    waiting = in_review(DRAFT)
    for card in (
        review_channel_card(waiting, row_of(waiting), beside(SHOWN, waiting)),
        card_for(waiting, beside(SHOWN, waiting)),
    ):
        assert " or " in text_of(card)
        assert " and " not in text_of(card)


def test_a_card_that_stands_for_days_says_since_when():
    waiting = in_review(DRAFT)
    early, late = beside(SHOWN, waiting, 1), beside(SHOWN, waiting, 47)
    said = [text_of(review_channel_card(waiting, row_of(waiting), shown)) for shown in (early, late)]
    assert said[0] == said[1]
    assert "signed 23 Nov 2026" in said[0]
    least = replace(early, card_shows=())
    assert "signed" not in text_of(review_channel_card(waiting, row_of(waiting), least))


def test_by_default_a_channel_reads_who_wrote_it():
    waiting = in_review(DRAFT)
    assert "Written by Rosa Delgado" in text_of(review_channel_card(waiting, row_of(waiting), beside(SHOWN, waiting)))


def test_the_message_in_place_of_the_dialog_has_the_points_and_what_changed():
    again = in_review(edited(DRAFT))
    card = review_message(again, beside(SHOWN, again), look(Mode.COSIGN))
    titles = [each.title for each in card.elements if isinstance(each, Prose)]
    assert words.POINTS in titles
    assert words.CHANGED_SINCE in titles
    assert any(title.startswith("Asked for before") for title in titles)


def test_comments_say_what_was_decided_with_them():
    done = approved(DRAFT)
    titles = [each.title for each in comments_form(done, beside(SHOWN, done)).fields if isinstance(each, Prose)]
    assert [title.partition(",")[0] for title in titles] == [
        "Miriam Weiss co-signed",
        "Miriam Weiss asked for changes",
    ]


def test_what_waits_comes_before_the_counts():
    waits = WaitingNote(DRAFT.id, "JD-014", "SOAP", "Rosa Delgado", timedelta(hours=3), overdue=False)
    quiet = Standing("Rosa Delgado", notes=1, changed=0)
    card = supervision_card(SupervisionPage(AT, 90, (quiet,), (waits,)))
    headings = [each.text for each in card.elements if isinstance(each, Heading)]
    assert headings == ["Waiting for your review", "Supervision"]
    (lines,) = [each.paragraphs for each in card.elements if isinstance(each, Prose)]
    assert "No changes were asked for, in 1 note." in lines
    assert not [line for line in lines if "0 %" in line or " 0 " in line]
