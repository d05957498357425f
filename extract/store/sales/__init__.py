"""Sales: orders, what is in them, how they are paid, and what customers say of them."""
