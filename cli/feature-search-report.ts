import type { Search } from '../contracts/http/searches.ts';
import { formatNumber, formatTable } from './output.ts';

type Result = NonNullable<Search['result']>;
type Gain = NonNullable<Result['generated']>['features'][number]['gain'];

/** Features that a search tried, those kept first, then by their gains. */
export function formatFeatures({ generated }: Result): string {
  if (generated === undefined) return '';
  const { made, tried, needed, confirmed, features } = generated;
  const kept = features.filter((feature) => feature.kept);
  const ranked = features.toSorted(
    (a, b) =>
      Number(b.kept) - Number(a.kept) ||
      (b.gain?.gain ?? Number.NEGATIVE_INFINITY) - (a.gain?.gain ?? Number.NEGATIVE_INFINITY),
  );
  const table = formatTable(
    ['feature', 'kept', 'gain', 'errors', 'on other folds', 'made by'],
    ranked.map(({ step: { as, ...step }, gain, confirmation, kept: isKept }) => [
      as,
      isKept ? 'yes' : 'no',
      formatGain(gain),
      gain === null || gain.standardError === 0 ? '–' : (gain.gain / gain.standardError).toFixed(1),
      formatGain(confirmation),
      Object.values(step).join(' '),
    ]),
  );
  return [
    table,
    `${kept.length} kept of ${tried} tried, of ${made} that could be made: a gain must exceed ` +
      `${needed.toFixed(2)} of its standard errors, and ${confirmed} on other folds`,
  ].join('\n\n');
}

const formatGain = (gain: Gain): string =>
  gain === null
    ? '–'
    : `${gain.gain < 0 ? '' : '+'}${formatNumber(gain.gain)} ± ${formatNumber(gain.standardError)}`;
