import type { InferredTable } from '../../data/inference/infer-table.ts';
import type { DeclaredTable } from './declared-columns.ts';
import { comment, flow } from './yaml-text.ts';

type Target = InferredTable['target'];

const holdOutShare = 0.2;
/** Rows that a comparison with production asks for, where a small table's hold-out has them. */
const comparedRows = { fewest: 30, most: 200 } as const;

/** `task` and `target`. */
export function taskText({ inferred: { target }, targetRowName }: DeclaredTable): readonly string[] {
  const column = { column: targetRowName, description: `Column "${target.name}" of the file` };
  if (target.task === 'regression')
    return [
      'task: regression',
      ...comment(
        '',
        'With `min` and `max` predictions are held to a range, and a run refuses targets outside of it.',
      ),
      `target: ${flow(column)}`,
    ];
  if (target.task === 'multiclass')
    return ['task: multiclass', `target: ${flow({ ...column, classes: target.classes })}`];
  const { positive, negative } = target;
  return [
    'task: binary',
    ...comment(
      '',
      `${JSON.stringify(positive)} is what is predicted: ${target.choice}. It stands in ${percent(target.positives / target.rows)} of the rows with a target.`,
    ),
    `target: ${flow({ ...column, positive, negative })}`,
    ...comment(
      '',
      'From which probability on a row counts as positive: chosen on training folds. `{ fixed: 0.5 }` sets it.',
    ),
    'threshold: { maximise: f1Macro }',
  ];
}

/** By what a model is judged, and the candidates that learn such a task. */
function planOf(target: Target) {
  const trees = [
    '  random-forest: { learner: random-forest, encoding: tree }',
    '  gradient-boosting: { learner: gradient-boosting, encoding: tree }',
  ];
  switch (target.task) {
    case 'regression':
      return {
        goal: { metric: 'r2', title: 'R²', parameter: 'minR2', low: 0.05 },
        candidates: ['  linear: { learner: linear, encoding: linear }', ...trees],
      };
    case 'binary':
      return {
        goal: { metric: 'rocAuc', title: 'ROC-AUC', parameter: 'minRocAuc', low: 0.55 },
        candidates: ['  logistic: { learner: logistic, encoding: linear }', ...trees],
      };
    case 'multiclass':
      return {
        // A little more than by chance, where all classes are as frequent.
        goal: {
          metric: 'f1Macro',
          title: 'F1, mean over the classes,',
          parameter: 'minF1Macro',
          low: Number((1.1 / target.classes.length).toFixed(2)),
        },
        candidates: [
          '  logistic: { learner: logistic, encoding: linear }',
          '  multilayer-perceptron: { learner: multilayer-perceptron, encoding: linear }',
        ],
      };
    default:
      return target satisfies never;
  }
}

/** `parameters` to `gate`: what is trained, and what it must reach. */
export function trainingText(
  { inferred: { target, source } }: DeclaredTable,
  salt: string,
): readonly string[] {
  const { goal, candidates } = planOf(target);
  const { metric, parameter } = goal;
  const heldOut = Math.floor(target.rows * holdOutShare);
  const minRows = Math.max(comparedRows.fewest, Math.min(comparedRows.most, Math.floor(heldOut / 2)));
  const bar = {
    type: 'number',
    description: `${goal.title} that the champion must reach on the hold-out`,
    default: goal.low,
    max: 1,
  };
  return [
    ...comment(
      '',
      'Settings of a run. The bar is low, for nothing is known of what can be reached: raise it to what the model must',
      'be worth to you once you have seen its first figures.',
    ),
    'parameters:',
    `  ${parameter}: ${flow(bar)}`,
    '',
    ...comment(
      '',
      'Trained side by side, each cross-validated on training rows; the best of them is evaluated.',
    ),
    'candidates:',
    ...candidates,
    '',
    ...comment(
      '',
      `${percent(holdOutShare)} of the ${source.rows.toLocaleString('en')} rows are held out, by their key: a row stays on its side over all retrainings.`,
    ),
    `split: ${flow({ by: 'key', share: holdOutShare, salt })}`,
    `selection: { metric: ${metric}, folds: 5 }`,
    '',
    ...comment(
      '',
      'What a version must pass before it is put in production: the bar, the naive baseline, and the version there now.',
    ),
    'gate:',
    '  bars:',
    `    - { metric: ${metric}, min: { parameter: ${parameter} } }`,
    `  beatBaselineOn: ${metric}`,
    `  compare: { metric: ${metric}, level: 0.05, minRows: ${minRows} }`,
  ];
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
