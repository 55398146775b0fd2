"""Where final notes go."""
