"""Who looked at whose records, when, and for what purpose. Rows are only ever added."""
