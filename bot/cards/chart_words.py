"""What a person reads beside charts, on either chat."""

NO_FIGURES = "No figures yet."
LATEST = "The latest {shown} of {all} are shown."
