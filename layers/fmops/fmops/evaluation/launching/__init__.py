"""Launches what a run needs, once, and stops it: the jobs, their requests, the endpoints that they ask."""
