"""One run of the pipeline: settings, stages, dbt, the warehouse, the record, the console."""
