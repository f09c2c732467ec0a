import type { ClassExplanation, ClassesExplanation, WordEffect } from '../ml/explain/classes-explanation.ts';
import {
  barTable,
  calibrationSection,
  contributionsSection,
  explanationPage,
  importancesSection,
  short,
} from './explanation-sections.ts';
import { escaped, number, plural } from './report-html.ts';

/** What a run's champion of several classes does, as one HTML page. Every text of the data is escaped. */
export function renderClassesPage(input: {
  title: string;
  version: number;
  candidate: string;
  explanation: ClassesExplanation;
}): string {
  const { explanation, ...page } = input;
  const { classes, importances, holdOutRows } = explanation;
  return explanationPage({
    ...page,
    holdOutRows,
    sections: [
      ...classes.map(wordsSection),
      importances === null ? '' : importancesSection(importances),
      ...classes.map(restOfClass),
    ],
  });
}

function wordsSection({ label, contributions }: ClassExplanation): string {
  if (contributions === null || contributions.words === null) return '';
  const { words, rows } = contributions;
  return `<section>
<h2>Words of ${escaped(label)}</h2>
<p>What they add to its score, or take from it, over ${plural(rows, 'row')}: the mean over all rows, which the bars show, and that over the rows which hold the word.</p>
<div class="plots">
<div><h3>For it</h3>${wordTable(words.for)}</div>
<div><h3>Against it</h3>${wordTable(words.against)}</div>
</div>
</section>`;
}

const wordTable = (words: readonly WordEffect[]): string =>
  barTable(
    ['Word', 'Over all rows; where it is'],
    words.map(({ word, effect, contribution, rows }) => ({
      name: word,
      size: Math.abs(effect),
      cells: [`${short(effect)}; ${short(contribution)} in ${number(rows)}`],
    })),
  );

function restOfClass({ label, contributions, calibration }: ClassExplanation): string {
  const features =
    contributions === null
      ? ''
      : contributionsSection(
          { ...contributions, space: 'score' },
          `Contributions of the features to ${label}`,
        );
  return `${features}
${calibrationSection(calibration, `probability of ${label}`, `Calibration of ${label}`)}`;
}
