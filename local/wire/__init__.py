"""AWS' protocols on the wire, from botocore's models: requests in, answers and errors out."""
