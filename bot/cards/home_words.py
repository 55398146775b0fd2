"""What people read on Home."""

NOTICE = "Afternote: your day"
FILED = "Filed last"
REVIEW = "1 note waits for your review. You find it in the review channel."
REVIEWS = "{count} notes wait for your review. You find them in the review channel."
CHOSEN = "Your notes begin as {format}. {reminded}"
REMINDED = "You are reminded at {at} on working days, when something waits."
NEVER = "You are not reminded of what waits."
