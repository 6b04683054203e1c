"""Deploys the real template: AWS' own SAM transform, then every resource, or a loud refusal."""
