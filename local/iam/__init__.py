"""Would IAM refuse this call? Policies as moto keeps them, judged as AWS judges them."""
