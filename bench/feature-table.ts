import type { Pipeline } from '../contracts/pipeline.ts';
import { entityColumns } from '../data/entity-columns.ts';
import { readFrame } from '../data/frame.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import { fitTransform } from '../ml/recipe/recipe.ts';

export type FeatureTable = { csv: string; categorical: readonly string[]; rows: number; features: number };

/**
 * The features of entity rows before any fitted preparation, as a peer's program reads them: key, numbers,
 * categories as words, target, and `split` as `train` or `test`.
 *
 * @param rowsPath Parquet of `buildRows`
 */
export async function createFeatureTable(pipeline: Pipeline, rowsPath: string): Promise<FeatureTable> {
  const columns = entityColumns(pipeline);
  const codesOnly = recipeOf(pipeline, [{ step: 'codes', columns: 'categories', maxLevels: 250 }]);
  const lines: string[] = [];
  let header: string[] = [];
  let categorical: readonly string[] = [];
  for (const [split, word] of [
    ['train', 'train'],
    ['hold-out', 'test'],
  ] as const) {
    const { frame, keys, target } = await readFrame({ ...columns, path: rowsPath, split });
    const { blocks } = fitTransform({ spec: codesOnly, frame, lookups: [], seed: 0 });
    const { dense, codes } = blocks;
    categorical = codes.names;
    header = [columns.key, ...dense.names, ...codes.names, columns.target ?? 'target', 'split'];
    for (let row = 0; row < frame.rows; row++) {
      const numbers = dense.names.map((_, index) => {
        const value = dense.values[row * dense.names.length + index] ?? Number.NaN;
        return Number.isNaN(value) ? '' : String(value);
      });
      const words = codes.names.map((_, index) => {
        const code = codes.values[row * codes.names.length + index] ?? -1;
        return field(codes.levels[index]?.[code] ?? '');
      });
      lines.push([field(keys[row] ?? ''), ...numbers, ...words, target[row], word].join(','));
    }
  }
  return {
    csv: `${header.map(field).join(',')}\n${lines.join('\n')}\n`,
    categorical,
    rows: lines.length,
    features: header.length - 3,
  };
}

const field = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
