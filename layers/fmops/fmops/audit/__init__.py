"""The audit of a run: rows that carry the hash of the row before, and heads that KMS signed and S3 keeps locked."""
