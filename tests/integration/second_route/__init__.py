"""The warehouse against a second computation from the raw files, figure by figure."""
