"""What the support checker is made of: words, typed claims, one module of rules for each family. Door: `support`."""
