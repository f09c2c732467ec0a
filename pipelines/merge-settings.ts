import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Sha256, sha256Schema } from '../contracts/ids.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { SettingsChange } from '../contracts/settings.ts';
import { canonicalJson } from '../ml/artifact/canonical-json.ts';
import { findSplit } from '../ml/splits/registry.ts';
import { type Fault, type Path, unknownName } from './fault.ts';
import { parameterDeclarations } from './parameters.ts';
import type { PipelineSettings } from './settings-file.ts';
import { isRecord } from './yaml-file.ts';

/** One key of a pipeline's settings and the place in the declaration where its value goes. */
export type Setting = {
  from: Path;
  at: Path;
  value: unknown;
  /** Replaced, not merged: its forms exclude each other. */
  whole: boolean;
};

/** Where a declaration has the default of a run's parameter. */
function defaultPlace({ split }: Pipeline, parameter: string): Path {
  if (parameter === 'candidates') return ['defaultCandidates'];
  const ofSplit = findSplit(split).parameters[parameter];
  return ofSplit === undefined ? ['parameters', parameter, 'default'] : ['split', ofSplit.setting];
}

/** Where each key of a pipeline's settings goes. The paths of faults begin at the pipeline's part of the file. */
export function placeSettings(
  pipeline: Pipeline,
  given: PipelineSettings,
): { settings: readonly Setting[]; faults: readonly Fault[] } {
  const settings: Setting[] = [];
  const faults: Fault[] = [];
  const set = (from: Path, at: Path, value: unknown, whole = false): void =>
    void settings.push({ from, at, value, whole });

  const { parameters = {}, candidates = {}, bounds = {}, ...others } = given;
  const declared = parameterDeclarations(pipeline);
  for (const [name, value] of Object.entries(parameters)) {
    const from = ['parameters', name];
    faults.push(...unknownName(from, 'parameter', name, Object.keys(declared)));
    set(from, defaultPlace(pipeline, name), value);
  }
  for (const [name, { params }] of Object.entries(candidates)) {
    const place = ['candidates', name];
    faults.push(...unknownName(place, 'candidate', name, Object.keys(pipeline.candidates)));
    // Null is a value of some parameters, so a patch by it would say something else.
    set([...place, 'params'], [...place, 'params'], params, true);
  }
  const { columns } = pipeline.rows;
  const target = pipeline.task === 'regression' ? [pipeline.target.column] : [];
  for (const [name, value] of Object.entries(bounds)) {
    const from = ['bounds', name];
    faults.push(...unknownName(from, 'column', name, [...Object.keys(columns), ...target]));
    set(from, Object.hasOwn(columns, name) ? ['rows', 'columns', name] : ['target'], value);
  }
  for (const [key, value] of Object.entries(others)) {
    const hasKey = pipeline.task === 'binary' || (pipeline.task === 'multiclass' && key === 'threshold');
    if (!hasKey && (key === 'threshold' || key === 'tiers'))
      faults.push({ path: [key], message: `a ${pipeline.task} task has none` });
    set([key], [key], value, key === 'threshold');
  }
  return { settings, faults };
}

/** The declaration with the settings in it, not checked yet. */
export function mergeSettings(pipeline: Pipeline, settings: readonly Setting[]): unknown {
  return settings.reduce<unknown>(
    (merged, { at, value, whole }) => changeAt(merged, at, (old) => (whole ? value : mergePatch(old, value))),
    pipeline,
  );
}

/** JSON Merge Patch (RFC 7396): maps merge by key, null removes, all else replaces. */
function mergePatch(old: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch ?? undefined;
  const merged: Record<string, unknown> = isRecord(old) ? { ...old } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

function changeAt(value: unknown, [key, ...rest]: Path, change: (old: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  const record = isRecord(value) ? value : {};
  return { ...record, [key]: changeAt(record[String(key)], rest, change) };
}

/**
 * Where a fault of the merged declaration stands in the pipeline's part of the settings. One of a key that they do
 * not set comes of them all the same, since the declaration alone had none: it is told at the part as a whole, and
 * that of an example that new bounds exclude, at the bounds.
 */
export function faultInSettings(settings: readonly Setting[], { path, message }: Fault): Fault {
  const setting = settings.find(({ at }) => at.every((key, i) => key === path[i]));
  if (setting !== undefined) return { path: [...setting.from, ...path.slice(setting.at.length)], message };
  const told = `${path.map(String).join('.')}: ${message}`;
  const ofColumn =
    path[0] === 'example' && settings.some(({ from }) => from[0] === 'bounds' && from[1] === path[1]);
  return { path: ofColumn ? ['bounds', String(path[1])] : [], message: told };
}

/** Each key whose value the settings changed, lists as a whole; `null` for none. */
export function changesOf(
  settings: readonly Setting[],
  declared: Pipeline,
  effective: Pipeline,
): readonly SettingsChange[] {
  return settings.flatMap(({ from, at, value, whole }) =>
    (whole ? [[]] : leaves(value)).flatMap((below): SettingsChange[] => {
      const [before, after] = [declared, effective].map((side) => valueAt(side, [...at, ...below]) ?? null);
      if (isDeepStrictEqual(before, after)) return [];
      return [{ key: [...from, ...below].map(String).join('.'), declared: before, value: after }];
    }),
  );
}

const leaves = (value: unknown): Path[] =>
  isRecord(value)
    ? Object.entries(value).flatMap(([key, below]) => leaves(below).map((path) => [key, ...path]))
    : [[]];

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, key) => (isRecord(at) ? at[String(key)] : undefined), value);

/**
 * Of what the settings say of a pipeline's runs, as JSON with sorted keys: comments, the order of keys, other
 * pipelines and the schedule, which says when runs begin but not what they do, leave it as it is. Null for nothing.
 */
export function settingsHash({ schedule: _, ...given }: PipelineSettings): Sha256 | null {
  if (Object.keys(given).length === 0) return null;
  return sha256Schema.parse(createHash('sha256').update(canonicalJson(given)).digest('hex'));
}
