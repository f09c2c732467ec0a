import { z } from 'zod';
import { forestBytes, forestBytesLimit } from '../trees/predictor.ts';

/** Parameters that all learners on the histogram grower share. */
export const growthShape = {
  /** Leaves of a tree at most. */
  maxLeaves: z.int().min(2).max(65_536),
  maxDepth: z.int().min(1).max(64).default(64),
  /** Rows of a leaf at least. */
  minSamplesLeaf: z.int().min(1),
  /** Sum of hessians of a leaf at least. */
  minHessianLeaf: z.number().nonnegative().default(1e-3),
  l2: z.number().nonnegative(),
  minGain: z.number().nonnegative().default(0),
  /** Share of the columns drawn for each tree, and, of those, for each node. */
  columnShare: z.number().gt(0).max(1).default(1),
  nodeColumnShare: z.number().gt(0).max(1).default(1),
  maxBins: z.int().min(2).max(255).default(255),
  /** See `SplitRules`. */
  categorySmoothing: z.number().nonnegative().default(10),
  categoryL2: z.number().nonnegative().default(10),
  categoryMaxLevels: z.int().min(1).max(255).default(32),
  categoryMinRows: z.int().min(1).default(100),
};

export type GrowthParams = z.infer<z.ZodObject<typeof growthShape>>;

/** What the depth leaves of the bound on leaves. */
export function mostLeaves({ maxLeaves, maxDepth }: { maxLeaves: number; maxDepth: number }): number {
  return Math.min(maxLeaves, 2 ** maxDepth);
}

/** Whether so many trees of so many leaves fit, whatever they test. */
export function fitsForest(size: { trees: number; leaves: number }): boolean {
  return forestBytes(size) <= forestBytesLimit;
}

/** @param product the parameters that make the forest's size */
export function tooLargeForest(product: string): { error: string } {
  return { error: `${product} would pass the ${forestBytesLimit} bytes that a forest may take` };
}

/** At least one of `of`. */
export function shareOf(share: number, of: number): number {
  return Math.max(1, Math.min(of, Math.round(share * of)));
}
