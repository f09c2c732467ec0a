import type { Blocks, DenseColumn, PreparedColumns } from '../blocks.ts';
import type { Predictor } from '../learner.ts';
import { checkBlocks, checkColumns, type Design, refuseNotFinite } from './design-matrix.ts';

type Weights = { coefficients: Float64Array; intercept: number };

/**
 * Scores of rows by coefficients of the standardised columns: what the product with the standardised matrix gives,
 * to the bit, without making that matrix. Both ways add a row's columns in the same order.
 */
export function createDesignScores(design: Design, weights: Weights): Required<Predictor> {
  return {
    predict: createBlockScores(design, weights),
    predictColumns: createColumnScores(design, weights),
  };
}

function createBlockScores(design: Design, { coefficients, intercept }: Weights) {
  const { dense, codes } = design;
  const means = Float64Array.from(design.means);
  const spreads = Float64Array.from(design.spreads);
  const levelCounts = Int32Array.from(codes, ({ levels }) => levels.length);
  return (blocks: Blocks): Float64Array => {
    checkBlocks(design, blocks);
    const { values } = blocks.dense;
    const scores = new Float64Array(blocks.rows);
    for (let row = 0; row < blocks.rows; row++) {
      let score = intercept;
      const base = row * dense.length;
      for (let column = 0; column < dense.length; column++) {
        const value = values[base + column] as number;
        const standard = (value - (means[column] as number)) / (spreads[column] as number);
        score += standard * (coefficients[column] as number);
      }
      let at = dense.length;
      for (let column = 0; column < levelCounts.length; column++) {
        const code = blocks.codes.values[row * levelCounts.length + column] as number;
        for (let level = 0; level < (levelCounts[column] as number); level++, at++) {
          const value = level === code ? 1 : 0;
          const standard = (value - (means[at] as number)) / (spreads[at] as number);
          score += standard * (coefficients[at] as number);
        }
      }
      // One value that is not finite makes the sum so too: then it is worth the search.
      if (!Number.isFinite(score)) refuseNotFinite(dense, values.subarray(base, base + dense.length), row);
      scores[row] = score;
    }
    return scores;
  };
}

/** What one column adds: coefficient × (value − mean) / spread. */
type Term = { mean: number; spread: number; coefficient: number };

const termOf = (value: number, { mean, spread, coefficient }: Term): number =>
  ((value - mean) / spread) * coefficient;

/** Levels are not multiplied at all: each has two terms, found by the row's slot. */
function createColumnScores(design: Design, { coefficients, intercept }: Weights) {
  const terms = design.means.map(
    (mean, i): Term => ({
      mean,
      spread: design.spreads[i] as number,
      coefficient: coefficients[i] as number,
    }),
  );
  return ({ rows, dense, codes, sparse }: PreparedColumns): Float64Array => {
    checkColumns(design, {
      dense: dense.map(({ name }) => name),
      codes: codes.map(({ name }) => name),
      sparse: sparse.names,
    });
    const levels = codes.flatMap(({ values: slots }, i) =>
      (design.codes[i]?.levels ?? []).map((_, slot): DenseColumn => ({ kind: 'level', slots, slot })),
    );
    const scores = new Float64Array(rows).fill(intercept);
    for (const [i, column] of [...dense, ...levels].entries()) addTerms(column, terms[i] as Term, scores);
    for (let row = 0; row < rows; row++) {
      if (!Number.isFinite(scores[row])) refuseNotFinite(design.dense, denseRow(dense, row), row);
    }
    return scores;
  };
}

function addTerms(column: DenseColumn, term: Term, scores: Float64Array): void {
  if (column.kind === 'level') {
    const { slots, slot } = column;
    const present = termOf(1, term);
    const absent = termOf(0, term);
    for (let row = 0; row < scores.length; row++) {
      scores[row] = (scores[row] as number) + (slots[row] === slot ? present : absent);
    }
  } else {
    const { values } = column;
    for (let row = 0; row < scores.length; row++) {
      scores[row] = (scores[row] as number) + termOf(values[row] as number, term);
    }
  }
}

const denseRow = (dense: readonly DenseColumn[], row: number): Float64Array =>
  Float64Array.from(dense, (column) =>
    column.kind === 'number' ? (column.values[row] as number) : Number(column.slots[row] === column.slot),
  );
