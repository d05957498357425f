"""The shop in PostgreSQL: tables, migrations, repositories, outbox. No rule of business."""
