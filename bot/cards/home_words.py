"""What people read on Home."""

from bot.cards import words

NOTICE = "Afternote: your day"
FILED = "Filed last"
HELP = {"slack": words.HELP_IN_SLACK, "teams": words.HELP_IN_TEAMS}
