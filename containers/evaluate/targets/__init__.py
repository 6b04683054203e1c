"""What can be asked: endpoints, Bedrock, applications."""
