"""Fulfillment: what is promised, handed to the carrier and delivered, and what that costs."""
