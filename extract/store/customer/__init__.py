"""Customer: persons, the addresses they order from, and the segments they fall into."""
