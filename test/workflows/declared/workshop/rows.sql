SELECT id, length, width, staff, shop, begun, cost FROM jobs ORDER BY id
