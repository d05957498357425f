"""Attacks: what somebody with bad intent, or with broken tools, sends."""
