import type { RowsReport, ValidationReport } from '../contracts/data.ts';
import { escaped, htmlPage, number, percent, plural } from './report-html.ts';

type Check = ValidationReport['checks'][number];
type TableReport = ValidationReport['tables'][number];

/**
 * A validation report as one HTML page that needs nothing else: no script, no font, no image.
 * Every text of the data is escaped.
 *
 * @param rows shown below the tables where the entity rows were made
 */
export function renderReportPage(input: {
  title: string;
  report: ValidationReport;
  rows?: RowsReport;
}): string {
  const { title, report, rows } = input;
  const sections = report.tables.map((table) =>
    tableSection(
      table,
      report.checks.filter((check) => check.table === table.table),
    ),
  );
  return htmlPage({
    title: `${title}: data ${report.verdict}`,
    body: `<header>
<p class="kind">Validation report</p>
<h1>${escaped(title)} ${badge(report.verdict)}</h1>
<p>${escaped(summary(report))}</p>
<p class="fine">Snapshot <code>${report.snapshotId}</code></p>
</header>
<main>
${overview(report.tables)}
${sections.join('\n')}
${report.ignoredFiles.length === 0 ? '' : ignoredFiles(report.ignoredFiles)}
${rows === undefined ? '' : rowsSection(rows)}
</main>`,
  });
}

function summary({ verdict, tables, checks }: ValidationReport): string {
  const rowsIn = sum(tables.map((table) => table.rowsIn));
  const quarantined = sum(tables.map((table) => table.quarantined));
  const filtered = sum(tables.map(filteredRows));
  const fatal = checks.filter(({ severity }) => severity === 'fatal').length;
  const ending = {
    passed: 'Nothing was found.',
    flagged: `${plural(checks.length, 'finding')}, none of which stops a run.`,
    failed: `${plural(fatal, 'finding')} of ${checks.length} ${fatal === 1 ? 'stops' : 'stop'} the run.`,
  }[verdict];
  return `${plural(rowsIn, 'row')} in: ${number(rowsIn - quarantined - filtered)} kept, ${number(quarantined)} quarantined${filtered === 0 ? '' : `, ${number(filtered)} filtered`}. ${ending}`;
}

const overview = (tables: TableReport[]): string => `<section>
<h2>Tables</h2>
<table class="stack">
<thead><tr><th scope="col">Table</th><th scope="col">Verdict</th><th scope="col" class="n">Rows in</th><th scope="col" class="n">Kept</th><th scope="col" class="n">Quarantined</th></tr></thead>
<tbody>
${tables
  .map(
    (table) =>
      `<tr><th scope="row"><a href="#table-${encodeURIComponent(table.table)}">${escaped(table.table)}</a></th><td>${badge(table.verdict)}</td><td class="n" data-label="Rows in">${number(table.rowsIn)}</td><td class="n" data-label="Kept">${number(table.kept)}</td><td class="n" data-label="Quarantined">${number(table.quarantined)}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table>
</section>`;

function tableSection(table: TableReport, checks: Check[]): string {
  const nulls = Object.entries(table.nullShares).filter(([, share]) => share > 0);
  const extra =
    table.extraColumns.length === 0
      ? ''
      : `<p class="fine">Columns that are not declared, and ignored: ${table.extraColumns.map((name) => `<code>${escaped(name)}</code>`).join(', ')}.</p>`;
  const findings =
    checks.length === 0
      ? '<p>No finding.</p>'
      : `<ul class="findings">${checks.map((check) => `<li>${finding(check)}</li>`).join('\n')}</ul>`;
  return `<section id="table-${escaped(table.table)}">
<h2>${escaped(table.table)} ${badge(table.verdict)}</h2>
${table.file === null ? '<p class="fine">No file.</p>' : `<p class="fine">From <code>${escaped(table.file)}</code>: ${plural(table.rowsIn, 'row')} in, ${number(table.kept)} kept, ${number(table.quarantined)} quarantined${table.filtered === undefined ? '' : `, ${number(filteredRows(table))} filtered`}.</p>`}
${filters(table)}
${findings}
${extra}
${nulls.length === 0 ? '' : emptyValues(nulls)}
</section>`;
}

const filters = ({ filtered = {} }: TableReport): string =>
  Object.keys(filtered).length === 0
    ? ''
    : `<ul>${Object.entries(filtered)
        .map(
          ([rule, { count, reason }]) =>
            `<li><strong>${escaped(rule)}</strong> ${number(count)} filtered: ${escaped(reason)}</li>`,
        )
        .join('\n')}</ul>`;

function finding(check: Check): string {
  const share =
    check.share > 0 && check.share < 1 ? ` <span class="fine">${percent(check.share)}</span>` : '';
  const head = `${badge(check.severity)} <strong>${escaped(check.check)}</strong> ${escaped(check.message)}${share}`;
  if (check.examples.length === 0) return `<p>${head}</p>`;
  const severalFiles = check.examples.some(({ file }) => file !== undefined);
  return `<p>${head}</p>
<details><summary>${examplesTitle(check)}</summary>
<div class="wide"><table>
<thead><tr>${severalFiles ? '<th scope="col">File</th>' : ''}<th scope="col" class="n">Line</th><th scope="col" class="n">Row</th><th scope="col">What is wrong</th></tr></thead>
<tbody>
${check.examples
  .map(
    ({ file, line, row, value, message }) =>
      `<tr>${severalFiles ? `<td><code>${escaped(file ?? '')}</code></td>` : ''}<td class="n">${line === null ? '–' : number(line)}</td><td class="n">${number(row)}</td><td>${escaped(message)}${value === null || message.includes(value) ? '' : `<br><code>${escaped(value)}</code>`}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table></div>
</details>`;
}

function examplesTitle({ examples, offences, file }: Check): string {
  const which =
    examples.length === offences
      ? plural(offences, 'row')
      : `First ${examples.length} of ${number(offences)} rows`;
  return escaped(file === null ? which : `${which} of ${file}`);
}

const emptyValues = (
  nulls: [string, number][],
): string => `<details><summary>Empty values in ${plural(nulls.length, 'column')}</summary>
<div class="wide"><table>
<thead><tr><th scope="col">Column</th><th scope="col" class="n">Empty</th></tr></thead>
<tbody>
${nulls.map(([column, share]) => `<tr><th scope="row"><code>${escaped(column)}</code></th><td class="n">${percent(share)}</td></tr>`).join('\n')}
</tbody>
</table></div>
</details>`;

const ignoredFiles = (files: string[]): string => `<section>
<h2>Ignored files</h2>
<p>No table declares them: ${files.map((file) => `<code>${escaped(file)}</code>`).join(', ')}.</p>
</section>`;

const rowsSection = (rows: RowsReport): string => `<section>
<h2>Entity rows</h2>
<p>${plural(rows.entities, 'entity', 'entities')}: ${number(rows.kept)} kept (${number(rows.trainRows)} to train on, ${number(rows.holdOutRows)} held out), ${number(rows.entities - rows.kept)} excluded.</p>
<ul>
${Object.entries(rows.excluded)
  .map(
    ([rule, { count, reason }]) =>
      `<li><strong>${escaped(rule)}</strong> ${number(count)}: ${escaped(reason)}</li>`,
  )
  .join('\n')}
</ul>
${rows.cleaning.length === 0 ? '' : `<h3>Cleaning</h3><ul>${rows.cleaning.map((text) => `<li>${escaped(text)}</li>`).join('\n')}</ul>`}
</section>`;

const badge = (verdict: string): string => `<span class="badge ${verdict}">${verdict}</span>`;
const filteredRows = ({ filtered = {} }: TableReport): number =>
  sum(Object.values(filtered).map(({ count }) => count));
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
