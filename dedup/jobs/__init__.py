"""What ingestion jobs ask of an index: files taken once, streams answered, articles sifted."""
