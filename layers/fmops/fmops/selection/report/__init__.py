"""What an approver reads: one page that needs neither scripts nor a network."""
