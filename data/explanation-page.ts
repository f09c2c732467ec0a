import type { ModelExplanation } from '../ml/explain/model-explanation.ts';
import type { PartialDependence } from '../ml/explain/partial-dependence.ts';
import type { Surrogate } from '../ml/explain/surrogate.ts';
import {
  barTable,
  calibrationSection,
  contributionsSection,
  explanationPage,
  importancesSection,
  short,
} from './explanation-sections.ts';
import { escaped, percent, plural } from './report-html.ts';
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
  const { target, explanation, ...page } = input;
  const { surrogate, importances, contributions, calibration, partialDependence } = explanation;
  return explanationPage({
    ...page,
    holdOutRows: explanation.holdOutRows,
    sections: [
      surrogate === null ? '' : rulesSection(surrogate, target),
      importances === null ? '' : importancesSection(importances),
      contributions === null ? '' : contributionsSection(contributions),
      dependenceSection(partialDependence, target),
      calibrationSection(calibration, target),
    ],
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
