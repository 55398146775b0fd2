"""What people read on Home."""

NOTICE = "Afternote: your day"
FILED = "Filed last"
