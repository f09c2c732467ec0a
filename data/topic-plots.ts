import type { TopicReport } from '../ml/topics/report.ts';
import { type Drawing, drawHeading, svgFile } from './drawing.ts';
import { number, percent } from './report-html.ts';
import { drawBars, drawLine } from './report-plot.ts';

const wordsDrawn = 10;

/** The drawings of a version's topics, each a file that stands by itself. */
export function topicPlots({ title, report }: { title: string; report: TopicReport }) {
  const { topics, tried, trend } = report;
  const file = (name: string, heading: string, drawings: readonly Drawing[]) => ({
    name: `${name}.svg`,
    content: svgFile(`${title}: ${heading}`, drawings),
  });
  return [
    file(
      'topic-words',
      'words of each topic',
      topics.flatMap(({ name, words }) => [
        drawHeading(name),
        drawBars({
          bars: words
            .slice(0, wordsDrawn)
            .map(({ word, weight }) => ({ name: word, value: weight, text: percent(weight) })),
          label: `Weights of the words of ${name}`,
        }),
      ]),
    ),
    file('topic-shares', 'share of each topic', [
      drawBars({
        bars: topics.map(({ name, share, documents }) => ({
          name,
          value: share,
          text: `${percent(share)}, ${number(documents)} mainly`,
        })),
        label: 'Share of each topic',
      }),
    ]),
    ...(tried.length < 2
      ? []
      : [file('topic-coherence', 'coherence of the numbers tried', coherence(tried))]),
    ...(trend === null || trend.periods.length < 2
      ? []
      : [
          file(
            'topic-trend',
            `share of each topic by ${trend.by}`,
            topics.flatMap(({ name }, topic) => [
              drawHeading(name),
              drawLine({
                points: trend.periods.map(({ shares }, x) => ({ x, y: shares[topic] ?? 0 })),
                ends: [trend.periods[0]?.period ?? '', trend.periods.at(-1)?.period ?? ''],
                label: `Share of ${name} by ${trend.by}`,
              }),
            ]),
          ),
        ]),
  ];
}

function coherence(tried: TopicReport['tried']): Drawing[] {
  return [...new Set(tried.map(({ method }) => method))].flatMap((method) => {
    const own = tried.filter((trial) => trial.method === method);
    return (['npmi', 'cv'] as const).flatMap((measure) => [
      drawHeading(`${method === 'lda' ? 'LDA' : 'NMF'}, ${measure === 'npmi' ? 'NPMI' : 'C_v'}`),
      drawLine({
        points: own.map((trial) => ({ x: trial.topics, y: trial[measure] })),
        label: `Coherence of ${method} by number of topics`,
      }),
    ]);
  });
}
