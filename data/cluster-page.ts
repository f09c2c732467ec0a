import type { ClusterReport } from '../ml/clustering/report.ts';
import { choiceNames, choicePoints, figurePoints } from './cluster-plots.ts';
import { escaped, htmlPage, number, percent, plural } from './report-html.ts';
import { plot, scatter } from './report-plot.ts';

/** The segments of a run's champion as one HTML page. Every text of the data is escaped. */
export function renderClusterPage(input: { title: string; report: ClusterReport }): string {
  const { title, report } = input;
  return htmlPage({
    title: `${title}: segments`,
    body: `<header>
<p class="kind">Segments</p>
<h1>${escaped(title)}</h1>
<p>${plural(report.segments.length, 'segment')} of ${plural(report.rows, 'row')}.</p>
</header>
<main>
${segmentsSection(report)}
${mapSection(report)}
${choiceSection(report.choice)}
${countsSection(report)}
</main>`,
  });
}

function segmentsSection({ segments, averages, rows }: ClusterReport): string {
  const columns = Object.keys(averages);
  const cells = (of: ClusterReport['averages']) =>
    columns.map((column) => `<td class="n">${short(of[column] ?? null)}</td>`).join('');
  return `<section>
<h2>Averages</h2>
<div class="wide"><table>
<thead><tr><th scope="col">Segment</th><th scope="col" class="n">No.</th><th scope="col" class="n">Rows</th><th scope="col" class="n">Share</th><th scope="col" class="n">Silhouette</th>${columns.map((column) => `<th scope="col" class="n">${escaped(column)}</th>`).join('')}</tr></thead>
<tbody>
${segments
  .map(
    ({ segment, name, rows: own, share, silhouette, averages: of }) =>
      `<tr><th scope="row">${escaped(name)}</th><td class="n">${segment}</td><td class="n">${number(own)}</td><td class="n">${percent(share)}</td><td class="n">${short(silhouette)}</td>${cells(of)}</tr>`,
  )
  .join('\n')}
<tr><th scope="row">All</th><td></td><td class="n">${number(rows)}</td><td class="n">${percent(1)}</td><td></td>${cells(averages)}</tr>
</tbody>
</table></div>
</section>`;
}

function mapSection({ projection, segments, rows }: ClusterReport): string {
  const { points, explained } = projection;
  const shown =
    points.length < rows ? `${number(points.length)} of ${plural(rows, 'row')}` : plural(rows, 'row');
  return `<section>
<h2>Map</h2>
<p>${shown} along the two directions of most variance (principal components), which hold ${explained.map(percent).join(' and ')} of it.</p>
${scatter({
  groups: segments.map(({ segment, name }) => ({
    name,
    points: points.filter((point) => point.segment === segment),
  })),
  label: 'Rows by principal components',
})}
</section>`;
}

function choiceSection(choice: ClusterReport['choice']): string {
  if (choice === null) return '';
  const name = choiceNames[choice.by];
  const rule =
    choice.by === 'gap'
      ? 'Taken is the smallest number that the next does not exceed by more than its standard error'
      : 'Taken is the number where it is highest';
  return `<section>
<h2>Why so many segments</h2>
<p>Chosen by the ${name}. ${rule}.</p>
<div class="plots"><div>${plot({ points: choicePoints(choice), label: `${name} by number of clusters` })}</div></div>
<div class="wide"><table>
<thead><tr><th scope="col" class="n">Segments</th><th scope="col" class="n">${name}</th><th scope="col" class="n">Standard error</th></tr></thead>
<tbody>
${choice.curve.map(({ clusters, value, standardError }) => `<tr><td class="n">${clusters}</td><td class="n">${short(value)}</td><td class="n">${short(standardError ?? null)}</td></tr>`).join('\n')}
</tbody>
</table></div>
</section>`;
}

/** Of the figures that the page has words for; others go by their names behind these. */
const figureTitles: ReadonlyMap<string, string> = new Map([
  ['clusters', 'Segments'],
  ['inertia', 'Inertia'],
  ['silhouette', 'Silhouette'],
  ['calinskiHarabasz', 'Caliński-Harabasz'],
  ['daviesBouldin', 'Davies-Bouldin'],
  ['smallestShare', 'Smallest share'],
]);

function countsSection({ byClusters: { rows, figures } }: ClusterReport): string {
  const line = (metric: 'inertia' | 'silhouette') =>
    plot({
      points: figurePoints(figures, metric),
      label: `${metric} by number of clusters`,
    });
  const names = [...new Set([...figureTitles.keys(), ...figures.flatMap((of) => Object.keys(of))])];
  const cell = (name: string, value: number | undefined): string => {
    if (value === undefined) return '–';
    if (name === 'clusters') return String(value);
    return name === 'smallestShare' ? percent(value) : short(value);
  };
  return `<section>
<h2>Other numbers of segments</h2>
<p>On ${plural(rows, 'row')}. Where the inertia bends, more segments say little more; the higher the silhouette, the further the segments are apart.</p>
<div class="plots"><div><h3>Inertia</h3>${line('inertia')}</div><div><h3>Silhouette</h3>${line('silhouette')}</div></div>
<div class="wide"><table>
<thead><tr>${names.map((name) => `<th scope="col" class="n">${escaped(figureTitles.get(name) ?? name)}</th>`).join('')}</tr></thead>
<tbody>
${figures
  .map((of) => `<tr>${names.map((name) => `<td class="n">${cell(name, of[name])}</td>`).join('')}</tr>`)
  .join('\n')}
</tbody>
</table></div>
</section>`;
}

const short = (value: number | null): string => (value === null ? '–' : number(Number(value.toPrecision(4))));
