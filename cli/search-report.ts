import type { Search } from '../contracts/http/searches.ts';
import { formatFeatures } from './feature-search-report.ts';
import { durationMs, formatNumber, formatSeconds, formatTable, formatTime } from './output.ts';

type Trial = Search['trials'][number];

/** What a search did: its trials, the best first, and what to do with the winner. */
export function formatSearch(search: Search): string {
  const { run, plan, result, settings, features } = search;
  const head: [string, string][] = [
    ['search', run.runId],
    ['pipeline', `${run.pipeline} (${plan.strategy}, seed ${run.seed})`],
    ['source', run.source],
    ['requested', `${formatTime(run.createdAt)} by ${run.requestedBy}`],
    [
      'budget',
      `${budgetOf(plan)}${plan.minutes === null ? '' : `, ${plan.minutes} min`}, folds ${plan.rungs.join(', ')}`,
    ],
    ['temporal', search.links.temporal],
  ];
  const parts = [
    head.map(([label, value]) => `${label.padEnd(11)}${value}`).join('\n'),
    search.trials.length === 0 ? '' : formatTrials(search),
    ...search.trials
      .filter(({ message }) => message !== null)
      .map(({ number, message }) => `trial ${number} was refused: ${message}`),
    result === null
      ? formatEnd(search)
      : [
          `succeeded in ${formatSeconds(durationMs(run.createdAt, run.endedAt))}: trial ${result.winner.trial}, ` +
            `${result.winner.candidate}, ${formatNumber(result.winner.selectionScore)} out of fold`,
          `${result.scored} trials measured on all folds, ${result.stopped} stopped early, ${result.refused} refused`,
          `hash ${result.sha256}`,
        ].join('\n'),
    result === null ? '' : formatFeatures(result),
    result === null
      ? ''
      : `train with it: perennial run ${run.pipeline} --search ${run.runId}\nor for every run, in ${features === null ? 'the settings file' : 'the declaration'}:\n\n${settings ?? features ?? ''}`.trimEnd(),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The trials that are furthest first, then by score. */
export function formatTrials({ trials, plan, result }: Search, most = trials.length): string {
  const ranked = trials.toSorted(
    (a, b) =>
      b.folds - a.folds ||
      (b.selectionScore ?? Number.NEGATIVE_INFINITY) - (a.selectionScore ?? Number.NEGATIVE_INFINITY) ||
      a.number - b.number,
  );
  const all = plan.rungs.at(-1) ?? 0;
  const table = formatTable(
    [
      'trial',
      'candidate',
      'status',
      'folds',
      'score',
      'seconds',
      plan.strategy === 'forward' ? 'features' : 'parameters',
    ],
    ranked.slice(0, most).map((trial) => [
      String(trial.number),
      `${trial.number === result?.winner.trial ? '* ' : '  '}${trial.candidate}`,
      trial.status,
      // Other folds are one more.
      `${trial.folds}/${Math.max(all, trial.folds)}`,
      formatScore(trial),
      trial.seconds.toFixed(1),
      formatParams(trial, plan),
    ]),
  );
  return ranked.length > most ? `${table}\n… ${ranked.length - most} more` : table;
}

const formatScore = ({ selectionScore, standardError }: Trial): string =>
  `${formatNumber(selectionScore)}${standardError === null ? '' : ` ± ${formatNumber(standardError)}`}`;

const budgetOf = (plan: Search['plan']): string =>
  plan.strategy === 'forward'
    ? `${plan.generate.proposals} features, at most ${plan.generate.keep} kept`
    : `${plan.trials} trials${plan.earlyStop === true ? ', hopeless ones stopped' : ''}`;

/** What the trial differs by from others: parameters that are searched, or features. */
function formatParams({ candidate, params, features }: Trial, plan: Search['plan']): string {
  if (features !== null) {
    const names = features.features.length === 0 ? 'as declared' : features.features.join(', ');
    return features.confirms ? `${names}, on other folds` : names;
  }
  if (plan.strategy === 'forward') return '';
  const { candidates } = plan;
  const space = candidates.find((searched) => searched.candidate === candidate)?.space ?? {};
  return Object.keys(space)
    .map((name) => `${name} ${params[name] === undefined ? 'as declared' : JSON.stringify(params[name])}`)
    .join(', ');
}

function formatEnd({ run }: Search): string {
  if (run.status === 'cancelled') return `cancelled: ${run.outcomeReason ?? 'no reason was recorded'}`;
  if (run.failure === null) return run.status;
  const { step, type, message } = run.failure;
  return `failed${step === null ? '' : ` in ${step}`}: ${type}: ${message}`;
}
