"""Lambda: functions in AWS' own runtime client, a process for each concurrent call."""
