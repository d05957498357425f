"""The generated data against figures counted on the real files."""
