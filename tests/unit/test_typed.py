"""What is typed to the bot: a summary must not be taken for chatter, however short; losing one is the worse mistake."""

import datetime as dt

import pytest

from bot.acts.typed import is_courtesy, is_greeting, reads_like_a_summary
from bot.drafting.headline import Headline, parse_headline
from bot.formats_file import load_formats

FORMATS = load_formats()

SUMMARIES = [
    # short
    "no show",
    "NS",
    "DNA",
    "n/s",
    "cancelled",
    "late cancel",
    "pt cancelled",
    "pt cancelled late",
    "came late",
    "rescheduled",
    "ct calm",
    "denied SI",
    "SI denied",
    "tearful today",
    "very anxious",
    "no change",
    "crisis call",
    "PHQ-9 14",
    "DBT skills",
    "ct calm, denied SI",
    "HI denied, SI denied",
    "HI: not asked?",
    "no show, left vm",
    "Reviewed the week.",
    # a question within, or at the end
    "asked what she wants?",
    "Asked what she wants, no answer. Denied SI.",
    "ct asked can you help me?",
    "Ct wonders: is this all there is?",
    "What she wants most is sleep. Reviewed log. Meds?",
    "What would I do without him, she asked?",
    "What I did: grounding, thought record",
    "What is working - grounding",
    "How she is doing at school?",
    "How often he drinks, not clear?",
    "Who came: mom, dad and ct. Safety plan?",
    "When asked about SI, denied. HI?",
    "Why so tired all week?",
    "Would you leave him if he hit you, I asked?",
    # sentences without a subject begin like questions
    "Is still using daily, wants rehab?",
    "Is sleeping better, still tired",
    "Did homework 3/7 days?",
    "Did well today. Sleep better. Maybe fewer sessions?",
    "Does thought record daily, helps?",
    "Will call the school. Ct calm?",
    "Will try exposure, maybe Thursday?",
    "May need referral for meds?",
    "Can't sleep since the move, wants meds?",
    "Could not stop crying",
    "Are arguing less, still no dates?",
    "Is she safe at home? Denied SI.",
    "Would like to see mom more?",
    "Hello kitty toy in hand, calm, played alone",
    "hi anxiety today, slept 4h",
    "Hey said to mom, then cried",
    "ok with plan, denied SI",
    "Great session, ct laughed a lot",
    "not good",
    "no better",
    "saw mom",
    # begins as a question would, and asks nothing
    "Did it again Saturday, cut left forearm, no ED",
    "Did this week's exposure, SUDS 70 to 40",
    "Is it still daily panic, 3x this wk",
    "Is it still daily panic, 3x this wk?",
    "Did my usual grounding exercise, calm after",
    "Did my usual grounding exercise and calm after",
    "Did it again on Saturday",
    "Did it twice since Monday",
    "Did this without prompting",
    "Did this week's homework",
    "Did we-time with the kids, tearful",
    "Does it nightly now",
    "Does it when alone, mostly at night",
    "Do this daily: walk, call sponsor",
    "Is it the job again, sleepless",
    "Is this panic or cardiac, to see GP",
    "Is my third session with the family",
    "Will it be the same at home, scared of that",
    "Will it stop was the main theme today",
    "Will this week be better, hopeful",
    "Would it help to sleep apart, partners undecided",
    "Would I be missed was the thought",
    "Could it be the new dose",
    "Could it be the dose, more tired?",
    "Can it get worse, afraid of that",
    "Can this be forgiven, guilt about divorce",
    "May it be grief",
    "Should I stay or leave was the theme",
    "Should it come back, uses the skills card",
    "What it means to lose a father",
    "What is it with sleep, up at 3 again",
    "How is it at school now, no fights",
    "How it started, trauma narrative done",
    "How would it be to forgive, tearful",
    "Why it happened again, no answer yet",
    "Why did it start again, no trigger found",
    "Where it hurts: chest, jaw. Worse in traffic.",
    "When it rains sleeps fine",
    "Who would I call at night, safety plan step 3",
    "Who it was, not ready to say",
    "Which skills did I use, TIPP and radical acceptance",
    "Are we done with drinking, sober 12 days",
    "Can you believe it, came sober",
    "Can you rate it 0-10?",
    "Do you want to live, asked directly",
    "Would you rather game with siblings, laughing",
    # no English
    "tranquila hoy",
    "paciente llorosa",
    "Klientin ruhig",
    "patient angoissé",
    "спокоен",
    "пила снова",
    "плакала, сон 4 часа",
    "来访者平静，否认自杀念头",
    "不安が強い",
    "مريض هادئ",
    "רגוע היום",
    "est venu seul, moins anxieux",
    "hat wieder getrunken",
    "¿duerme mejor?",
    "cliente tranquila, niega ideas suicidas",
    "клиентка спокойна, спала 6 часов",
    # on lines
    "can you believe it?\n- ct came early",
]

CHATTER = [
    "Can you read my old notes?",
    "can you help me",
    "what can you do",
    "What can you do?",
    "Hi, what can you do?",
    "hey! can you draft a note?",
    "how do i sign",
    "How do I sign a note?",
    "How does this work?",
    "how does this work",
    "how do I delete her note?",
    "Who can see my notes?",
    "Where are my notes?",
    "What is BIRP?",
    "What formats do you have?",
    "which formats are there?",
    "Is this HIPAA compliant?",
    "Is it saved?",
    "Are my notes encrypted?",
    "are you there?",
    "Do you know my client JD-014?",
    "Does the bot keep what I type?",
    "Could you tell me about my client?",
    "Will you remind me?",
    "May I change it later?",
    "can i edit the note",
    "will you sign it for me",
    "who are you",
    "what are you",
    "are you a robot",
    "how does it work",
    "how do you store my data",
    "what should I send you",
    "is this bot any good",
    "is my note saved",
    "test",
    "test test",
    "thank you",
    "what now",
    "asdf",
    "lol",
    "my notes",
    "new note",
    "good bot",
    "hello there",
    "yes please",
    "never mind",
    "what?",
    "👍",
    "...",
]


def taken_for_a_summary(text: str) -> bool:
    headline, summary = parse_headline(text, dt.date(2026, 11, 24), FORMATS)
    return reads_like_a_summary(summary, headline)


@pytest.mark.parametrize(
    "text",
    [
        "Did he sign the safety plan?",
        "Did he note any side effects from sertraline?",
        "Is pt keeping notes of her mood?",
        "Can she sign the lease by Friday?",
    ],
)
def test_a_question_about_somebody_in_a_session_is_a_summary(text: str):
    assert reads_like_a_summary(text, Headline())


@pytest.mark.parametrize("text", SUMMARIES)
def test_a_summary_is_one(text: str):
    assert taken_for_a_summary(text)
    assert not is_greeting(text)
    assert not is_courtesy(text)


@pytest.mark.parametrize("text", CHATTER)
def test_what_is_said_to_the_bot_is_none(text: str):
    assert not taken_for_a_summary(text)


@pytest.mark.parametrize("text", ["soap what is that?", "JD-014 can you help?", "birp JD-014 yesterday: ok"])
def test_a_first_line_says_that_it_is_one(text: str):
    assert taken_for_a_summary(text)


@pytest.mark.parametrize("text", ["hi", "Hello!", "good morning", "help"])
def test_a_greeting(text: str):
    assert is_greeting(text)


@pytest.mark.parametrize("text", ["thanks", "Thank you so much!", "ok", "got it", "Perfect."])
def test_a_courtesy(text: str):
    assert is_courtesy(text)
