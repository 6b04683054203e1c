"""SNS deliveries and the local mailbox that all mails land in."""
