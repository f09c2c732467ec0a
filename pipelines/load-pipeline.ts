import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Sha256 } from '../contracts/ids.ts';
import { type Pipeline, pipelineSchema } from '../contracts/pipeline.ts';
import type { SettingsChange } from '../contracts/settings.ts';
import type { Learner } from '../ml/learner.ts';
import { checkPipeline } from './check.ts';
import { readDeclaration } from './declaration-file.ts';
import { type Fault, faultsOfIssues, type Path } from './fault.ts';
import { changesOf, faultInSettings, mergeSettings, placeSettings, settingsHash } from './merge-settings.ts';
import { readText } from './read-text.ts';
import type { SettingsFile } from './settings-file.ts';
import type { Place, Problem } from './yaml-file.ts';

export type LoadedPipeline = Pipeline & {
  folder: string;
  /** By the name under which the declaration has it. */
  sqlTexts: Readonly<Record<string, string>>;
  /** SHA-256 of what shapes a model: the declaration, read with its defaults and the settings, and its SQL. */
  hash: string;
  /** What the settings file changes; the hash is null where it says nothing that bears on runs. */
  settings: { sha256: Sha256 | null; changes: readonly SettingsChange[] };
};

type Loading = {
  folder: string;
  name: string;
  settings: SettingsFile | undefined;
  learners: ReadonlyMap<string, Learner>;
};

/** One declaration with its settings. Faults of the declaration alone are told first; the settings are then not looked at. */
export function loadPipeline({ folder, name, settings, learners }: Loading): {
  pipeline: LoadedPipeline | undefined;
  problems: readonly Problem[];
} {
  const declaration = readDeclaration(folder);
  if (declaration.problems.length > 0) return { pipeline: undefined, problems: declaration.problems };
  const { pipeline: declared, faults } = check(declaration.value, learners);
  const sql = declared === undefined ? { texts: {}, faults: [] } : readSql(declared, folder);
  const wrongName =
    declared === undefined || declared.name === name
      ? []
      : [{ path: ['name'], message: `"${declared.name}" stands in a folder called "${name}"` }];
  const problems = problemsAt(declaration.locate, [...wrongName, ...faults, ...sql.faults]);
  if (declared === undefined || problems.length > 0) return { pipeline: undefined, problems };

  const { pipeline, ...of } = withSettings({ declared, settings, learners });
  if (pipeline === undefined) return { pipeline, problems: of.problems };
  const declaring = withoutServing(pipeline);
  const shaping = { ...declaring, candidates: withoutSpaces(pipeline.candidates) };
  const hash = createHash('sha256')
    .update(JSON.stringify([shaping, sql.texts]))
    .digest('hex');
  const loaded = { ...pipeline, folder, sqlTexts: sql.texts, hash, settings: of.settings };
  return { pipeline: loaded, problems: of.problems };
}

/** What is asked of a model once it is there, and when to make another, is no part of it. */
function withoutServing(pipeline: Pipeline) {
  const all = { tiers: [], reviews: undefined, ...pipeline };
  const { schedule: _, retrain: __, tiers: ___, example: ____, reviews: _____, ...shaping } = all;
  return shaping;
}

/** Where a search would look, and how it would measure, is no part of a model. */
const withoutSpaces = (candidates: Pipeline['candidates']) =>
  Object.fromEntries(
    Object.entries(candidates).map(([name, { search: _, searchFolds: __, ...candidate }]) => [
      name,
      candidate,
    ]),
  );

/** The same checks, whether the keys come from `pipeline.yaml` or from the settings. */
function check(
  value: unknown,
  learners: Loading['learners'],
): { pipeline: Pipeline | undefined; faults: readonly Fault[] } {
  const parsed = pipelineSchema.safeParse(value);
  if (!parsed.success) return { pipeline: undefined, faults: faultsOfIssues(parsed.error.issues, value) };
  return { pipeline: parsed.data, faults: checkPipeline(parsed.data, learners) };
}

function withSettings({
  declared,
  settings: file,
  learners,
}: Pick<Loading, 'settings' | 'learners'> & { declared: Pipeline }): {
  pipeline: Pipeline | undefined;
  settings: LoadedPipeline['settings'];
  problems: readonly Problem[];
} {
  const given = file?.ofPipeline(declared.name);
  if (file === undefined || given === undefined)
    return { pipeline: declared, settings: { sha256: null, changes: [] }, problems: [] };
  const refuse = (faults: readonly Fault[]) => {
    const inFile = faults.map(({ path, message }) => ({
      path: ['pipelines', declared.name, ...path],
      message,
    }));
    return {
      pipeline: undefined,
      settings: { sha256: null, changes: [] },
      problems: problemsAt(file.locate, inFile),
    };
  };
  const { settings, faults } = placeSettings(declared, given);
  if (faults.length > 0) return refuse(faults);
  const merged = check(mergeSettings(declared, settings), learners);
  if (merged.pipeline === undefined || merged.faults.length > 0)
    return refuse(merged.faults.map((fault) => faultInSettings(settings, fault)));
  const changes = changesOf(settings, declared, merged.pipeline);
  return { pipeline: merged.pipeline, settings: { sha256: settingsHash(given), changes }, problems: [] };
}

const problemsAt = (locate: (path: Path) => Place, faults: readonly Fault[]): readonly Problem[] =>
  faults.map(({ path, message }) => ({ place: locate(path), path, message }));

function readSql(
  { rows, lookups }: Pipeline,
  folder: string,
): { texts: Readonly<Record<string, string>>; faults: readonly Fault[] } {
  const named: { path: Path; sql: string }[] = [
    { path: ['rows', 'sql'], sql: rows.sql },
    ...(rows.joined === undefined ? [] : [{ path: ['rows', 'joined', 'sql'], sql: rows.joined.sql }]),
    ...lookups.map(({ sql }, i) => ({ path: ['lookups', i, 'sql'], sql })),
  ];
  const texts: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const { path, sql } of named) {
    const file = join(folder, sql);
    const read = readText(file, `file ${file}`);
    if ('text' in read) texts[sql] = read.text;
    else faults.push({ path, message: read.reason });
  }
  return { texts, faults };
}
