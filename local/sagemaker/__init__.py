"""SageMaker on one machine: real jobs, real endpoints, the model registry and the JumpStart hub."""
