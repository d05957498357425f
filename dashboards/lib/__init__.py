"""What the dashboards share: queries, metrics, periods, charts, tiles, filters, the server."""
