import type { Calibration } from '../ml/explain/calibration.ts';
import type { ModelExplanation } from '../ml/explain/model-explanation.ts';
import type { PartialDependence } from '../ml/explain/partial-dependence.ts';
import type { Surrogate } from '../ml/explain/surrogate.ts';
import { escaped, htmlPage, number, percent, plural } from './report-html.ts';
import { plot } from './report-plot.ts';

/** What a run's champion does, as one HTML page. Every text of the data is escaped. */
export function renderExplanationPage(input: {
  title: string;
  /** What is predicted, in words. */
  target: string;
  version: number;
  candidate: string;
  explanation: ModelExplanation;
}): string {
  const { title, target, version, candidate, explanation } = input;
  const { surrogate, importances, contributions, calibration, partialDependence } = explanation;
  return htmlPage({
    title: `${title}: version ${version} explained`,
    body: `<header>
<p class="kind">Explanation</p>
<h1>${escaped(title)}, version ${version}</h1>
<p>What <strong>${escaped(candidate)}</strong> does on ${plural(explanation.holdOutRows, 'row')} that were held out from its training.</p>
</header>
<main>
${surrogate === null ? '' : rulesSection(surrogate, target)}
${importances === null ? '' : importancesSection(importances)}
${contributions === null ? '' : contributionsSection(contributions)}
${dependenceSection(partialDependence, target)}
${calibrationSection(calibration, target)}
</main>`,
  });
}

function rulesSection({ rules, fidelity, fittedRows }: Surrogate, target: string): string {
  const agrees =
    fidelity.agreement === null ? '' : `, and decides as it does for ${percent(fidelity.agreement)}`;
  return `<section>
<h2>In rules</h2>
<p>A shallow tree fitted to the model's answers on ${plural(fittedRows, 'training row')}. On ${plural(fidelity.rows, 'row')} that it was not fitted on it restates them with R² ${fidelity.r2 === null ? 'undefined' : short(fidelity.r2)}${agrees}: the rules tell that much of the model, and no more.</p>
<div class="wide"><table class="rules">
<thead><tr><th scope="col">If</th><th scope="col" class="n">${escaped(target)}</th><th scope="col" class="n">Rows</th></tr></thead>
<tbody>
${rules
  .map(
    ({ conditions, prediction, share }) =>
      `<tr><td>${conditions.length === 0 ? 'always' : conditions.map(escaped).join(' and ')}</td><td class="n">${short(prediction)}</td><td class="n">${percent(share)}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table></div>
</section>`;
}

function importancesSection(importances: NonNullable<ModelExplanation['importances']>): string {
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

function contributionsSection(contributions: NonNullable<ModelExplanation['contributions']>): string {
  const { space, baseValue, rows, features } = contributions;
  const scale = {
    value: 'the predicted value',
    probability: 'the probability',
    logOdds: 'the log odds',
    score: 'the score',
  }[space];
  return `<section>
<h2>Contributions of the features</h2>
<p>Mean size of what each feature adds to ${scale}, over ${plural(rows, 'row')}, from the base value ${short(baseValue)}.</p>
${barTable(
  ['Feature', 'Mean size'],
  features.map(({ feature, meanSize }) => ({ name: feature, size: meanSize, cells: [short(meanSize)] })),
)}
</section>`;
}

const shownAtOnce = 12;

function barTable(
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

function dependenceSection(dependences: readonly PartialDependence[], target: string): string {
  if (dependences.length === 0) return '';
  return `<section>
<h2>Dependence on single features</h2>
<p>Mean predicted ${escaped(target)} where all rows have this value of the feature, the others their own.</p>
<div class="plots">
${dependences.map(dependencePlot).join('\n')}
</div>
</section>`;
}

function dependencePlot({ feature, points }: PartialDependence): string {
  const known = points.flatMap(({ value, prediction }) =>
    typeof value === 'number' ? [{ x: value, y: prediction }] : [],
  );
  const missing = points.find(({ value }) => value === null);
  const note =
    missing === undefined
      ? ''
      : `<p class="fine">missing: ${short(missing.prediction)} (${plural(missing.rows, 'row')})</p>`;
  const levels = points.filter(({ value }) => typeof value === 'string');
  const least = Math.min(...levels.map(({ prediction }) => prediction));
  const drawn =
    levels.length === 0
      ? plot({ points: known, label: `Dependence on ${feature}` })
      : barTable(
          ['Level', 'Prediction'],
          levels.map(({ value, prediction }) => ({
            name: String(value),
            // From the least: predictions of levels differ by little of what they are.
            size: prediction - least,
            cells: [short(prediction)],
          })),
        );
  return `<div><h3>${escaped(feature)}</h3>${drawn}${note}</div>`;
}

function calibrationSection({ bins, expectedCalibrationError }: Calibration, target: string): string {
  const error =
    expectedCalibrationError === null
      ? ''
      : ` The expected calibration error is ${short(expectedCalibrationError)}.`;
  const points = bins.map(({ predicted, observed }) => ({ x: predicted, y: observed }));
  return `<section>
<h2>Calibration</h2>
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

const short = (value: number): string => String(Number(value.toPrecision(3)));
