"""Transcripts by the ways they are pasted, and summaries that only look a little like one."""

import pytest

from bot.drafting.transcripts import is_transcript, links_to_recording

TRANSCRIPTS = {
    "names with times": "Jane Doe  0:12\nHow was it?\n\nMark R  0:15\nHard.\n\nJane Doe  0:31\nSay more.",
    "voice tags": "<v Jane Doe>How was it</v>\n<v Mark>Hard</v>\n<v Jane Doe>More?</v>",
    "two names": "Dana: How was the week?\nMaria: Hard. I did not sleep.\nDana: What kept you up?\nMaria: My ex.\n"
    "Dana: Say more about that, can you?\nMaria: He wants the kids.\nDana: What did you say?\nMaria: I hung up.",
    "me and her": "Me: How was the week?\nHer: Hard, I think\nMe: what happened?\nHer: he left me\nMe: mm\nHer: yes",
    "questions and answers": "Q: How was the week?\nA: Hard\nQ: what happened\nA: he left\nQ: And then?\nA: nothing",
    "data": '[{"speaker":"A","text":"hi","start":0.1},{"speaker":"B","text":"yes","start":0.9}]',
    "stamps from zero": "(0:12) how are you\n(0:15) ok\n(0:31) tell me\n(0:44) well\n(1:02) yes",
    "on one line": "Dr. Lee: How are you? Sam: Fine. Dr. Lee: And sleep? Sam: Bad. Dr. Lee: Since when? Sam: Monday.",
    "dashes": "TH - how are you?\nCT - fine\nTH - and sleep?\nCT - bad\nTH - since?\nCT - mon",
    "spelled times": "Al\n0 minutes 5 seconds\nHow are you?\nBo\n0 minutes 9 seconds\nOk\nAl\n0 minutes 15 seconds\nok",
}
SUMMARIES = {
    "mental status": "Mood: low\nAffect: flat\nSpeech: slow\nThought: linear\nRisk: denied\nPlan: weekly",
    "a couple": "Nadia: pursued, cried when Tom turned to her.\nTom: quiet, hours were cut.\nNadia: softened.\n"
    "Tom: took her hand.\nDid enactment. Plan: next week. No safety concerns with either one, asked alone.",
    "a group": "B.R.: shared, supported others\nK.O.: quiet\nL.M.: left early\nT.S.: tearful",
    "clock times": "2:10 arrived\n2:50 consulted\n3:10 called mom\n3:35 left",
    "a sleep log": "Mon: 6h sleep\nTue: 5h\nWed: 7h\nThu: 4h\nFri: 6h\nSat: 8h\nSun: 5h",
    "parts": "Manager: says rest is dangerous.\nExile: 7 yo, waiting.\nManager: agreed to step back.\nExile: felt seen",
    "soap": "S: sad\nO: flat\nA: same\nP: weekly\nS: also tired\nA: no change\nP: call",
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_transcript_is_one_however_it_was_exported(name: str) -> None:
    assert is_transcript(TRANSCRIPTS[name])


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_summary_in_labelled_lines_is_none(name: str) -> None:
    assert not is_transcript(SUMMARIES[name])


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("audio here https://otter.ai/u/abc", True),
        ("see https://us02web.zoom.us/rec/share/xyz", True),
        ("https://drive.example/session-nov.m4a?dl=1", True),
        ("join by https://us02web.zoom.us/j/1234 next time", False),
        ("homework: https://calm.example/body-scan.mp3", False),
        ("Listened to recording 3x", False),
    ],
)
def test_links_to_recordings(text: str, links: bool) -> None:
    assert links_to_recording(text) is links
