import type { ClusterChoice } from '../ml/clustering/choice.ts';
import type { ClusterReport } from '../ml/clustering/report.ts';
import { type Drawing, drawHeading, svgFile } from './drawing.ts';
import { number, percent } from './report-html.ts';
import { drawBars, drawLegend, drawLine, drawScatter, type PlotPoint } from './report-plot.ts';

/** The drawings of a clustering, each a file that stands by itself. */
export function clusterPlots({ title, report }: { title: string; report: ClusterReport }) {
  const { segments, averages, projection, byClusters, choice } = report;
  const names = segments.map(({ name }) => name);
  const groups = segments.map(({ segment, name }) => ({
    name,
    points: projection.points.filter((point) => point.segment === segment),
  }));
  const explained = projection.explained.map(percent).join(' and ');
  const byCount = (metric: 'inertia' | 'silhouette') => figurePoints(byClusters.figures, metric);
  const file = (name: string, heading: string, drawings: readonly Drawing[]) => ({
    name: `${name}.svg`,
    content: svgFile(`${title}: ${heading}`, drawings),
  });
  return [
    file('cluster-plot', `principal components (${explained} of the variance)`, [
      drawScatter({ groups, label: 'Rows by principal components' }),
      drawLegend(names),
    ]),
    file('segment-rows', 'rows of each segment', [
      drawBars({
        bars: segments.map(({ name, rows, share }) => ({
          name,
          value: rows,
          text: `${number(rows)} (${percent(share)})`,
        })),
        label: 'Rows of each segment',
      }),
    ]),
    file(
      'segment-averages',
      'averages of each segment',
      Object.keys(averages).flatMap((column) => [
        drawHeading(column),
        drawBars({
          bars: segments.map(({ name, averages: own }) => ({
            name,
            value: own[column] ?? 0,
            text: own[column] == null ? '–' : number(Number(own[column].toPrecision(4))),
          })),
          label: `Average ${column} of each segment`,
        }),
      ]),
    ),
    ...(['inertia', 'silhouette'] as const).map((metric) =>
      file(metric === 'inertia' ? 'elbow' : metric, `${metric} by number of segments`, [
        drawLine({ points: byCount(metric), label: `${metric} by number of segments` }),
      ]),
    ),
    ...(choice === null || choice.by === 'silhouette'
      ? []
      : [
          file(choice.by, `${choiceNames[choice.by]} by number of segments`, [
            drawLine({ points: choicePoints(choice), label: `${choice.by} by number of segments` }),
          ]),
        ]),
  ];
}

export const choiceNames = {
  silhouette: 'silhouette',
  gap: 'gap statistic',
  stability: 'stability',
} as const satisfies Record<ClusterChoice['by'], string>;

export const choicePoints = ({ curve }: ClusterChoice): PlotPoint[] =>
  curve.map(({ clusters, value, standardError }) => ({ x: clusters, y: value, error: standardError }));

/** A metric by the number of clusters, where it was measured. */
export const figurePoints = (
  figures: ClusterReport['byClusters']['figures'],
  metric: 'inertia' | 'silhouette',
): PlotPoint[] =>
  figures.flatMap(({ clusters: x, [metric]: y }) => (x === undefined || y === undefined ? [] : [{ x, y }]));
