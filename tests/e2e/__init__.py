"""The product as a user meets it: the command, and the dashboards in a browser."""
