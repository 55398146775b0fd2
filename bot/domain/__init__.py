"""Pure clinical vocabulary and rules; imports the standard library only."""
