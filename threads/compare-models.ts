import { isDeepStrictEqual } from 'node:util';
import type { ModelPart } from '../contracts/declaration-parts.ts';
import { entityColumns } from '../data/entity-columns.ts';
import type { Artifact } from '../ml/artifact.ts';
import { comparePaired } from '../ml/metrics/comparison.ts';
import type { TaskContext } from './context.ts';
import { measureRows } from './metric-values.ts';
import { readModel, scoreHoldOut } from './score-hold-out.ts';
import type { CompareModelsInput, CompareModelsOutput } from './tasks.ts';

const reportEvery = 200;

/** Scores the new version and the one in production on the hold-out, and compares them row by row. */
export async function compareModels(
  input: CompareModelsInput,
  context: TaskContext,
): Promise<CompareModelsOutput> {
  const { pipeline, rows: files, metric, level, seed } = input;
  const models = {
    challenger: await readModel(context, input.challenger),
    production: await readModel(context, input.production),
  };
  const reason = whyNotScorable(pipeline, models);
  if (reason !== null) return { notComparable: reason };
  const challenger = await scoreHoldOut({ artifact: models.challenger, pipeline, rows: files }, context);
  const production = await scoreHoldOut({ artifact: models.production, pipeline, rows: files }, context);
  const rows = challenger.target.length;
  const compared = comparePaired({
    rows,
    seed,
    metric,
    level,
    challenger: measureRows(challenger),
    production: measureRows(production),
    onResample: (done, of) => {
      context.throwIfCancelled();
      if (done % reportEvery === 0) context.report(done / of, `resample ${done} of ${of}`);
    },
  });
  if (compared.challenger === null && compared.production === null)
    return { notComparable: `${metric} is undefined on the ${rows} held-out rows` };
  if (compared.challenger !== null && compared.production !== null && compared.difference === null)
    return { notComparable: `${metric} is undefined on too many resamples of the ${rows} held-out rows` };
  return { compared: { rows, ...compared } };
}

/** Why the rows of a newer declaration cannot be scored by the older model; null where they can. */
function whyNotScorable(
  pipeline: ModelPart,
  { challenger, production }: { challenger: Artifact; production: Artifact },
): string | null {
  const answers = ({ task, classes }: Artifact) =>
    classes === null ? task : `${task} of ${classes.join(' and ')}`;
  if (challenger.task !== production.task || !isDeepStrictEqual(challenger.classes, production.classes))
    return `it answers ${answers(production)}, the new version ${answers(challenger)}`;
  return whichColumnsAreGone(pipeline, production);
}

/** Which inputs of an older model the rows of a newer declaration no longer have; null where they have all. */
export function whichColumnsAreGone(pipeline: ModelPart, { recipe }: Artifact): string | null {
  const { columns } = entityColumns(pipeline);
  const gone = recipe.inputs.filter(({ name, kind }) => columns[name] !== kind);
  if (gone.length === 0) return null;
  return `it reads ${gone.map(({ name, kind }) => `"${name}" as a ${kind}`).join(', ')}, which the rows no longer have`;
}
