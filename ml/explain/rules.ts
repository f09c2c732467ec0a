import type { CountedNode } from './cart-forest.ts';

/** One leaf of a tree. `share` of the rows that the tree was fitted on. */
export type Rule = { conditions: readonly string[]; prediction: number; share: number };

/** What a path demands of one column: values in [from, below). */
type Bounds = { from: number; below: number };

/** How columns are told of. */
export type Wording = {
  /** Numbers that are 0 and 1 only. */
  yesOrNo: ReadonlySet<string>;
  /** The smallest value of each number that may be missing; what is missing was put below it. */
  smallest: ReadonlyMap<string, number>;
};

/**
 * The leaves of ml-cart's tree as readable rules, of which every row meets exactly one; the greatest prediction last.
 * Several splits on a column are one condition; levels (`<feature>=<level>`), yes or no and missing are told in words.
 */
export function rulesOfTree(
  root: CountedNode,
  columns: readonly string[],
  wording: Wording,
): readonly Rule[] {
  const total = root.rows ?? 0;
  const rules: Rule[] = [];
  const visit = (node: CountedNode, bounds: ReadonlyMap<number, Bounds>): void => {
    const { left, right, splitColumn, splitValue } = node;
    if (left === undefined || right === undefined || splitColumn === undefined || splitValue === undefined) {
      rules.push({
        conditions: [...bounds].map(([column, bound]) =>
          conditionText(columns[column] ?? '', bound, wording),
        ),
        prediction: node.distribution ?? 0,
        share: total === 0 ? 0 : (node.rows ?? 0) / total,
      });
      return;
    }
    const { from, below } = bounds.get(splitColumn) ?? {
      from: Number.NEGATIVE_INFINITY,
      below: Number.POSITIVE_INFINITY,
    };
    visit(left, new Map(bounds).set(splitColumn, { from, below: Math.min(below, splitValue) }));
    visit(right, new Map(bounds).set(splitColumn, { from: Math.max(from, splitValue), below }));
  };
  visit(root, new Map());
  return rules.sort((a, b) => a.prediction - b.prediction);
}

function conditionText(column: string, bounds: Bounds, { yesOrNo, smallest }: Wording): string {
  const level = column.indexOf('=');
  if (level > 0) {
    const [feature, value] = [column.slice(0, level), column.slice(level + 1)];
    return Number.isFinite(bounds.below) ? `${feature} is not ${value}` : `${feature} is ${value}`;
  }
  const least = smallest.get(column) ?? Number.NEGATIVE_INFINITY;
  if (bounds.below <= least) return `${column} is missing`;
  const from = bounds.from <= least ? Number.NEGATIVE_INFINITY : bounds.from;
  const ofKnown = knownText(column, { from, below: bounds.below }, yesOrNo);
  if (ofKnown === null) return `${column} is known`;
  // From below all values, what is missing is in.
  const isMissingIn = smallest.has(column) && !Number.isFinite(bounds.from);
  return isMissingIn ? `(${ofKnown} or missing)` : ofKnown;
}

/** Null without a bound. */
function knownText(column: string, { from, below }: Bounds, yesOrNo: ReadonlySet<string>): string | null {
  if (!Number.isFinite(from) && !Number.isFinite(below)) return null;
  if (yesOrNo.has(column)) return `${column} = ${Number.isFinite(below) ? 'no' : 'yes'}`;
  if (!Number.isFinite(from)) return `${column} < ${shown(below)}`;
  if (!Number.isFinite(below)) return `${column} ≥ ${shown(from)}`;
  return `${shown(from)} ≤ ${column} < ${shown(below)}`;
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));
