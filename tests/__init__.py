"""The tests of Olist DW; docs/testing.md says what kind lives where."""
