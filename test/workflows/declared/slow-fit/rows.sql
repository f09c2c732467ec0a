SELECT id, code, value FROM numbers ORDER BY id
