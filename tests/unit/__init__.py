"""Tests of one module each; nothing is built."""
