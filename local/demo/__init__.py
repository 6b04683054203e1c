"""The main job of a local run: one life cycle, from a dropped dataset to an alert, unattended."""
