"""The shop's domain, without a database."""
