import type { BinnedRows } from '../../ml/trees/binned-rows.ts';
import type { Binning } from '../../ml/trees/binning.ts';
import type { GrownTree } from '../../ml/trees/grower.ts';
import { inBins } from '../../ml/trees/splitting.ts';

/** The value of the leaf that a binned row falls into, found from the root. */
export function valueOfBinnedRow(tree: GrownTree, binned: BinnedRows, binning: Binning, row: number): number {
  let node = 0;
  for (let feature = tree.feature[0] as number; feature !== -1; feature = tree.feature[node] as number) {
    const bin = binned.bins[feature * binned.rows + row] as number;
    const leftBins = tree.leftBins[node] ?? null;
    const missing = bin === binning.features[feature]?.bins;
    const goesLeft = missing
      ? tree.missingLeft[node] === 1
      : leftBins === null
        ? bin <= (tree.bin[node] as number)
        : inBins(leftBins, bin);
    node = (tree.left[node] as number) + (goesLeft ? 0 : 1);
  }
  return tree.value[node] as number;
}
