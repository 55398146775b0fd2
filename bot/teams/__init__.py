"""Microsoft Teams: the same product in Teams' own manner."""
