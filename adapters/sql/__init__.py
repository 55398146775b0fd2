"""Files notes as rows of a table that the practice has already."""
