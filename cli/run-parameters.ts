import type { RunParameters } from '../contracts/runs.ts';
import { CommandError } from './exit.ts';

/** `minR2` → `min-r2`, `testShare` → `test-share`. */
export function flagOfParameter(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * A pipeline's own parameters from what is left of the command line, by the types the pipeline declares:
 * `--min-r2 0.92`, `--min-r2=0.92`, `--candidates a,b`, `--flag` and `--no-flag` for booleans.
 *
 * @throws CommandError naming the known flags, or the value that does not fit
 */
export function parseRunParameters(
  args: readonly string[],
  declared: Record<string, Record<string, unknown>>,
): RunParameters {
  const byFlag = new Map(Object.keys(declared).map((name) => [flagOfParameter(name), name]));
  const parameters: RunParameters = {};
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] ?? '';
    const match = /^--([^=]+)(?:=(.*))?$/s.exec(argument);
    if (match === null)
      throw new CommandError(`Unexpected "${argument}"; parameters are written --name value.`);
    const flag = match[1] ?? '';
    const negated = flag.startsWith('no-') ? byFlag.get(flag.slice(3)) : undefined;
    if (negated !== undefined && declared[negated]?.type === 'boolean') {
      parameters[negated] = false;
      continue;
    }
    const name = byFlag.get(flag);
    if (name === undefined) throw unknownFlag(flag, [...byFlag.keys()]);
    const next = args[i + 1];
    let text = match[2];
    if (text === undefined && next !== undefined && !next.startsWith('--')) {
      text = next;
      i += 1;
    }
    parameters[name] = parseValue(flag, text, declared[name]?.type);
  }
  return parameters;
}

function parseValue(flag: string, text: string | undefined, type: unknown): RunParameters[string] {
  if (type === 'boolean') {
    if (text === undefined || text === 'true') return true;
    if (text === 'false') return false;
    throw new CommandError(`--${flag} is true or false, not "${text}".`);
  }
  if (text === undefined) throw new CommandError(`--${flag} needs a value.`);
  if (type === 'candidates') return text.split(',').map((name) => name.trim());
  if (type !== 'number' && type !== 'integer') return text;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || (type === 'integer' && !Number.isInteger(value)))
    throw new CommandError(
      `--${flag} takes ${type === 'integer' ? 'a whole number' : 'a number'}, not "${text}".`,
    );
  return value;
}

function unknownFlag(flag: string, known: string[]): CommandError {
  const list =
    known.length === 0
      ? 'this pipeline has no parameters'
      : `known: ${known.map((name) => `--${name}`).join(', ')}`;
  return new CommandError(`Unknown parameter --${flag}; ${list}.`);
}
