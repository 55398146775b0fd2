"""What people read when they meet the bot for the first time."""

TITLE = "Three questions"
NOTICE = "Three questions, to set Afternote up for you."
ASK = (
    "Three questions, so that your notes fit from the start: your credentials, the format of your notes, and when to "
    "remind you of sessions that wait for one. It takes a minute, and you can skip it."
)
ANSWER = "Answer"
SKIP = "Skip"
SKIPPED_NOTICE = "Skipped."
SKIPPED = "Skipped. To set it later, type {typed}."
SAVED = "Saved. To change it or to set more, type {typed}."
TYPED = {"slack": "/note settings", "teams": "settings"}
