"""What it takes to have a model answer: models, endpoints, the artifact's digest, the registry's package."""
