import type { ColumnKind } from '../frame.ts';
import type { WorkingKind } from './operation.ts';

/** Thrown when a recipe names what is not there, or is given rows or tables that do not fit it. */
export class RecipeError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options);
    this.name = 'RecipeError';
    this.problems = problems;
  }
}

export type ColumnSelector = 'numbers' | 'categories' | 'texts' | readonly string[];

const selectedKind = { numbers: 'number', categories: 'category', texts: 'text' } as const;

/** The columns that a selector means: those named, or all of its kind in the order in which they stand. */
export function selectColumns(
  selector: ColumnSelector,
  kinds: ReadonlyMap<string, WorkingKind>,
): readonly string[] {
  if (typeof selector !== 'string') return selector;
  const wanted = selectedKind[selector];
  return [...kinds].filter(([, kind]) => kind === wanted).map(([name]) => name);
}

/**
 * The names that a step can see while a recipe is checked without rows. Problems carry the place of the step
 * ("features[3] ratio: …") and are collected, so that one look shows all of them.
 */
export interface Scope {
  report(problem: string): void;
  /** The kind of a column, or null (and a report) where it is unknown or of none of the kinds allowed. */
  read(column: string, allowed: readonly ColumnKind[]): ColumnKind | null;
  select(selector: ColumnSelector, allowed: readonly ColumnKind[]): readonly string[];
  define(name: string, kind: WorkingKind): void;
  /** As `define`, for the input itself, which alone may share an input's name. */
  defineInput(name: string, kind: WorkingKind): void;
  remove(name: string): void;
}

export function createScope(options: {
  place: string;
  problems: string[];
  /** Made by the recipe so far; changed in place. */
  made: Map<string, WorkingKind>;
  /** Readable too, but neither redefined nor removed. */
  inputs: ReadonlyMap<string, ColumnKind>;
}): Scope {
  const { place, problems, made, inputs } = options;
  const report = (problem: string) => problems.push(`${place}: ${problem}`);
  const known = () => [...new Set([...inputs.keys(), ...made.keys()])].join(', ') || 'none';

  const read: Scope['read'] = (column, allowed) => {
    const kind = made.get(column) ?? inputs.get(column);
    if (kind === undefined) {
      report(`unknown column '${column}'; known: ${known()}`);
      return null;
    }
    const match = allowed.find((candidate) => candidate === kind);
    if (match === undefined) {
      report(`column '${column}' is of kind ${kind}, needed: ${allowed.join(' or ')}`);
      return null;
    }
    return match;
  };

  const make: Scope['define'] = (name, kind) => {
    if (made.has(name)) report(`'${name}' is already made by an earlier step`);
    else made.set(name, kind);
  };

  return {
    report,
    read,
    select(selector, allowed) {
      if (typeof selector === 'string' && !allowed.includes(selectedKind[selector])) {
        report(`takes columns of kind ${allowed.join(' or ')}, not '${selector}'`);
        return [];
      }
      const named = selectColumns(selector, made);
      const repeated = named.find((name, index) => named.indexOf(name) !== index);
      if (repeated !== undefined) report(`column '${repeated}' is named twice`);
      return named.filter((name) => read(name, allowed) !== null);
    },
    define(name, kind) {
      if (inputs.has(name)) report(`'${name}' is an input column; choose another name`);
      else make(name, kind);
    },
    defineInput: make,
    remove: (name) => void made.delete(name),
  };
}
