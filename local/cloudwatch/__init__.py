"""CloudWatch: metrics, dashboards, and alarms that are really evaluated."""
