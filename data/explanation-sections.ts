import type { Calibration } from '../ml/explain/calibration.ts';
import type { ModelExplanation } from '../ml/explain/model-explanation.ts';
import { escaped, htmlPage, number, plural } from './report-html.ts';
import { plot } from './report-plot.ts';

/** The page of a version, with what it is and how many rows tell what it does above its sections. */
export function explanationPage(input: {
  title: string;
  version: number;
  candidate: string;
  holdOutRows: number;
  sections: readonly string[];
}): string {
  const { title, version, candidate, holdOutRows, sections } = input;
  return htmlPage({
    title: `${title}: version ${version} explained`,
    body: `<header>
<p class="kind">Explanation</p>
<h1>${escaped(title)}, version ${version}</h1>
<p>What <strong>${escaped(candidate)}</strong> does on ${plural(holdOutRows, 'row')} that were held out from its training.</p>
</header>
<main>
${sections.join('\n')}
</main>`,
  });
}

export function importancesSection(importances: NonNullable<ModelExplanation['importances']>): string {
  const { metric, rows, repeats, score, inputs } = importances;
  return `<section>
<h2>Importance of the inputs</h2>
<p>What <strong>${escaped(metric)}</strong> (${short(score)} on ${plural(rows, 'row')}) loses where one input is shuffled among the rows: mean and standard deviation of ${repeats} shuffles. Inputs that say the same stand in for one another.</p>
${barTable(
  ['Input', 'Falls by', '±'],
  inputs.map(({ input, fall, spread }) => ({ name: input, size: fall, cells: [short(fall), short(spread)] })),
)}
</section>`;
}

export function contributionsSection(
  contributions: NonNullable<ModelExplanation['contributions']>,
  heading = 'Contributions of the features',
): string {
  const { space, baseValue, rows, features } = contributions;
  const scale = {
    value: 'the predicted value',
    probability: 'the probability',
    logOdds: 'the log odds',
    score: 'the score',
  }[space];
  return `<section>
<h2>${escaped(heading)}</h2>
<p>Mean size of what each feature adds to ${scale}, over ${plural(rows, 'row')}, from the base value ${short(baseValue)}.</p>
${barTable(
  ['Feature', 'Mean size'],
  features.map(({ feature, meanSize }) => ({ name: feature, size: meanSize, cells: [short(meanSize)] })),
)}
</section>`;
}

const shownAtOnce = 12;

/** Of many rows those behind the first dozen are folded away. */
export function barTable(
  headings: readonly string[],
  rows: readonly { name: string; size: number; cells: readonly string[] }[],
): string {
  const [first = '', ...others] = headings;
  const largest = Math.max(...rows.map(({ size }) => size), Number.MIN_VALUE);
  const line = ({ name, size, cells }: (typeof rows)[number]) =>
    `<tr><th scope="row">${escaped(name)}</th>${cells.map((cell) => `<td class="n">${cell}</td>`).join('')}<td><span class="track"><span style="width:${Math.max(0, (100 * size) / largest).toFixed(1)}%"></span></span></td></tr>`;
  const table = (some: typeof rows) => `<div class="wide"><table class="bars">
<thead><tr><th scope="col">${first}</th>${others.map((heading) => `<th scope="col" class="n">${heading}</th>`).join('')}<th></th></tr></thead>
<tbody>
${some.map(line).join('\n')}
</tbody>
</table></div>`;
  const rest = rows.slice(shownAtOnce);
  const more =
    rest.length === 0 ? '' : `<details><summary>${rest.length} more</summary>\n${table(rest)}\n</details>`;
  return `${table(rows.slice(0, shownAtOnce))}\n${more}`;
}

export function calibrationSection(
  { bins, expectedCalibrationError }: Calibration,
  target: string,
  heading = 'Calibration',
): string {
  const error =
    expectedCalibrationError === null
      ? ''
      : ` The expected calibration error is ${short(expectedCalibrationError)}.`;
  const points = bins.map(({ predicted, observed }) => ({ x: predicted, y: observed }));
  return `<section>
<h2>${escaped(heading)}</h2>
<p>What came true, by what was predicted (${escaped(target)}); on the dashed line both are the same.${error}</p>
<div class="plots"><div>${plot({ points, diagonal: true, label: 'Observed by predicted' })}</div></div>
<details><summary>In numbers</summary>
<div class="wide"><table>
<thead><tr><th scope="col" class="n">From</th><th scope="col" class="n">To</th><th scope="col" class="n">Rows</th><th scope="col" class="n">Predicted</th><th scope="col" class="n">Observed</th></tr></thead>
<tbody>
${bins
  .map(
    ({ from, to, rows, predicted, observed }) =>
      `<tr><td class="n">${short(from)}</td><td class="n">${short(to)}</td><td class="n">${number(rows)}</td><td class="n">${short(predicted)}</td><td class="n">${short(observed)}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table></div>
</details>
</section>`;
}

export const short = (value: number): string => String(Number(value.toPrecision(3)));
