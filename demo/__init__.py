"""A local chat workspace that stands in for Slack: its Web API, its event delivery and its client's back end."""
