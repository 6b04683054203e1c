"""EventBridge, its Scheduler, and what both of them share."""
