/** The value below which a share of the others lie, as a cell of a table. */
export const quantile = (values: readonly number[], share: number): string =>
  (values.toSorted((a, b) => a - b)[Math.round((values.length - 1) * share)] ?? Number.NaN).toFixed(1);
