"""Sign-in by OpenID Connect in front of the approval page: who somebody is, beyond whose mailbox they read."""
