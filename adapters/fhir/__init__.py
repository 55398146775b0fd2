"""FHIR R4: each final note is one DocumentReference on the practice's own server."""
