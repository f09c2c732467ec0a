import { parseArgs } from 'node:util';
import { level, type Plan, retrain, retrainings } from './retrainings.ts';

/**
 * Question: how often does the comparison with production refuse a retraining of an unchanged pipeline, and how often
 * a model of shuffled labels? The floor is the stated level: of two equally good models that share is refused.
 */

const boosting = { rounds: 20, maxLeaves: 8, learningRate: 0.2 };
const plans: readonly Plan[] = [
  { learner: 'linear', params: {}, task: 'regression', metric: 'r2' },
  { learner: 'gradient-boosting', params: boosting, task: 'regression', metric: 'r2' },
  { learner: 'logistic', params: {}, task: 'binary', metric: 'accuracy' },
  { learner: 'logistic', params: {}, task: 'binary', metric: 'rocAuc' },
];

const { values: options } = parseArgs({ options: { sequences: { type: 'string', default: '200' } } });
const sequences = Number(options.sequences);
const looks = sequences * retrainings;
const error = Math.sqrt((level * (1 - level)) / looks);
write(`level ${level}: ${percent(level)} of ${looks} comparisons ± ${percent(error)}`);
for (const plan of plans) {
  const ended = Array.from({ length: sequences }, (_, i) => retrain(plan, 1_000 + i));
  const refused = ended.flatMap((sequence) => sequence.refused).filter(Boolean).length;
  const withRefusal = ended.filter((sequence) => sequence.refused.includes(true)).length;
  // The next comparison after a refusal has most of its rows and its lucky production: it often ends alike.
  const untilRefused = ended.reduce(
    (sum, sequence) => sum + (sequence.refused.indexOf(true) + 1 || retrainings),
    0,
  );
  const caught = ended.filter(({ refusedShuffled }) => refusedShuffled).length;
  write(
    `${plan.learner} by ${plan.metric}: refused ${percent(withRefusal / untilRefused)} of the comparisons up to a sequence's first refusal, ` +
      `${percent(refused / looks)} of all, at least one in ${percent(withRefusal / sequences)} of sequences of ${retrainings}; ` +
      `shuffled labels refused in ${percent(caught / sequences)}`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
