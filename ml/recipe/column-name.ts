import { z } from 'zod';

/** Of an input, or of what a step makes. */
export const columnName = z.string().min(1).max(128);

/** Names of features, or all of a kind as they stand when the step is reached. */
export const columnSelector = z.union([
  z.enum(['numbers', 'categories', 'texts']),
  z.array(columnName).min(1),
]);
