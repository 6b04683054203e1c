"""Reads what was captured: records of SageMaker's data capture and of Bedrock's invocation logs."""
