SELECT * FROM opinions ORDER BY id
