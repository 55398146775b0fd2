"""What in a clinical text points to a person: one module for each way of recognising it."""
