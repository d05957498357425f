"""What several tests need: second routes and helpers, no tests."""
