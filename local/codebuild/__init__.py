"""CodeBuild, as far as images are built by it."""
