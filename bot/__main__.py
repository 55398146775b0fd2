"""`python -m bot` is the `afternote` command."""

from bot.cli import main

main()
