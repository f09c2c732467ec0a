-- One row a house.
SELECT house, area, town, built, price
FROM houses
ORDER BY house
