import type { Pipeline } from '../contracts/pipeline.ts';
import type { Generated, SearchResult } from '../contracts/search.ts';
import { generatedStepSchema } from '../ml/recipe/spec.ts';
import { comment, flow } from './init/yaml-text.ts';

type Kept = Generated['features'][number];

/** Lines for a declaration by which each later run has the features that a search kept. */
export function featuresSnippet(
  { name, candidates, selection }: Pick<Pipeline, 'name' | 'candidates' | 'selection'>,
  { winner, generated }: Pick<SearchResult, 'winner' | 'generated'>,
): string {
  const kept = generated?.features.filter((feature) => feature.kept) ?? [];
  const encoding = candidates[winner.candidate]?.encoding ?? '';
  const features = kept.filter(({ step }) => step.step !== 'aggregate');
  const aggregates = kept.filter(({ step }) => step.step === 'aggregate');
  const lines = [
    ...comment('', `Features that a search kept for ${winner.candidate} of ${name}.`),
    ...(kept.length === 0 ? comment('', 'None gained enough.') : []),
    ...(features.length === 0 ? [] : ['features:', ...comment('  ', 'Behind those there are.')]),
    ...features.flatMap((feature) => linesOf('  ', feature, selection.metric)),
    ...(aggregates.length === 0
      ? []
      : ['encodings:', `  ${encoding}:`, ...comment('    ', 'Before the steps there are.')]),
    ...aggregates.flatMap((feature) => linesOf('    ', feature, selection.metric)),
  ];
  return `${lines.join('\n')}\n`;
}

function linesOf(indent: string, { step, gain }: Kept, metric: string): string[] {
  const worth =
    gain === null
      ? []
      : comment(
          indent,
          `Gains ${gain.gain.toPrecision(3)} ± ${gain.standardError.toPrecision(2)} of ${metric} out of fold.`,
        );
  // The database keeps no order of keys; a parsed step has that of its declaration.
  return [...worth, `${indent}- ${flow(generatedStepSchema.parse(step))}`];
}
