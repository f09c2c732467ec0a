import {
  type BinaryRows,
  type Classified,
  decideBinary,
  decideMulticlass,
  type MulticlassRows,
} from './classification.ts';
import { type Clustered, centreClusters } from './clustering.ts';
import { type ConfusionMatrix, countCells } from './counts.ts';
import type { MetricFamily, ValueRows, Values } from './family.ts';
import type { Counts, Measure } from './measure.ts';
import { familiesOf } from './registry.ts';

export type TaskRows =
  | ({ task: 'regression' } & ValueRows)
  | ({ task: 'binary' } & BinaryRows)
  | ({ task: 'multiclass' } & MulticlassRows);

/**
 * All metrics of the task. With counts it answers what copies of the rows would.
 * @throws RangeError for lengths that differ, a target that is no class, or a probability outside [0, 1]
 */
export function measureTask(rows: TaskRows): Measure {
  const families = familiesOf(rows.task);
  switch (rows.task) {
    case 'regression':
      return together(families.flatMap((family) => (family.of === 'values' ? [family.prepare(rows)] : [])));
    case 'binary':
      return classified(families, { decided: decideBinary(rows), classes: 2 }, (family) =>
        family.of === 'probability' ? family.prepare(rows) : null,
      );
    case 'multiclass':
      return classified(families, { decided: decideMulticlass(rows), classes: rows.classes }, (family) =>
        family.of === 'probabilities' ? family.prepare(rows) : null,
      );
    default:
      return rows satisfies never;
  }
}

/** What the decisions of a task say, of the families that have some of the metrics named. */
export function measureDecisions(
  task: 'binary' | 'multiclass',
  names: Iterable<string>,
): (confusion: ConfusionMatrix) => Values<string> {
  const wanted = new Set(names);
  const families = familiesOf(task).flatMap((family) =>
    family.of === 'decisions' && Object.keys(family.better).some((name) => wanted.has(name)) ? [family] : [],
  );
  return (confusion) => merged(families.map((family) => family.measure(confusion)));
}

/** @throws RangeError with a cluster without rows, or fewer than two clusters */
export function measureClusters(clustered: Clustered): Readonly<Record<string, number>> {
  const rows = centreClusters(clustered);
  return Object.fromEntries(
    familiesOf('clustering').flatMap((family) =>
      family.of === 'clusters' ? Object.entries(family.measure(rows)) : [],
    ),
  );
}

const merged = (parts: readonly Values<string>[]): Values<string> => {
  const [first = {}, ...others] = parts;
  return others.length === 0 ? first : Object.assign({}, ...parts);
};

const together =
  (parts: readonly Measure[]): Measure =>
  (counts) =>
    merged(parts.map((part) => part(counts)));

/** Counts the decisions of a resample once for all families that read them. */
function classified(
  families: readonly MetricFamily[],
  { decided, classes }: { decided: Classified; classes: number },
  prepare: (family: MetricFamily) => Measure | null,
): Measure {
  const confusionOf = countCells(decided, classes);
  const parts = families.flatMap(
    (family): ((confusion: ConfusionMatrix, counts?: Counts) => Values<string>)[] => {
      if (family.of === 'decisions') return [(confusion) => family.measure(confusion)];
      const measure = prepare(family);
      return measure === null ? [] : [(_, counts) => measure(counts)];
    },
  );
  return (counts) => {
    const confusion = confusionOf(counts);
    return merged(parts.map((part) => part(confusion, counts)));
  };
}
