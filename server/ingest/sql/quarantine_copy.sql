copy yellow.quarantine (stream, batch, number, dataset, object, line, "column", reason, record) from stdin (format binary)
