"""Signed links for mails and pages: who may decide what, and until when."""
