"""The dashboards: one marimo notebook each, over `dashboards.lib`."""
