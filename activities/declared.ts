import type { CandidateDeclaration, Pipeline } from '../contracts/pipeline.ts';
import type { PipelineSql } from '../data/rows.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { UnknownPart } from '../pipelines/recipe-for.ts';

/** The candidate's declaration and the moment it predicts at: a variant's own, else the pipeline's. @throws UnknownPart */
export function candidateOf(
  pipeline: Pipeline,
  name: string,
  variant: string | null,
): { candidate: CandidateDeclaration; moment: string } {
  const candidate = pipeline.candidates[name];
  if (candidate === undefined) throw new UnknownPart(`${pipeline.name} has no candidate "${name}"`);
  if (variant === null) return { candidate, moment: pipeline.moment };
  const moment = pipeline.variants[variant]?.moment;
  if (moment === undefined) throw new UnknownPart(`${pipeline.name} has no variant "${variant}"`);
  return { candidate, moment };
}

export function sqlOf({ rows, lookups, sqlTexts, name }: LoadedPipeline): PipelineSql {
  const text = (file: string): string => {
    const found = sqlTexts[file];
    if (found === undefined) throw new UnknownPart(`${name} was loaded without ${file}`);
    return found;
  };
  return {
    rows: text(rows.sql),
    joined: rows.joined === undefined ? undefined : text(rows.joined.sql),
    lookups: Object.fromEntries(lookups.map((lookup) => [lookup.name, text(lookup.sql)])),
  };
}
