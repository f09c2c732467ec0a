import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { CommandError } from './exit.ts';
import { fileError } from './file-error.ts';

export type Instance = Record<string, unknown>;

const instanceSchema = z.record(z.string(), z.unknown());
const documentSchema = z.union([
  z.strictObject({ instances: z.array(instanceSchema) }).transform(({ instances }) => instances),
  z.array(instanceSchema),
  instanceSchema.transform((instance) => [instance]),
]);

/** Reads a file, or standard input for `-`. @throws CommandError where it cannot be read */
export async function readInstances(path: string): Promise<Instance[]> {
  const stream = path === '-' ? process.stdin : createReadStream(path);
  const content = await text(stream).catch((error: unknown) => {
    throw fileError('read', path, error);
  });
  return parseInstances(content, path === '-' ? 'standard input' : path);
}

/**
 * Instances from one JSON object, an array of them, `{ "instances": […] }`, or NDJSON (one object a line).
 *
 * @throws CommandError naming the place: the line, or the position in the document
 */
export function parseInstances(content: string, name: string): Instance[] {
  const trimmed = content.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') throw new CommandError(`${name} is empty; expected JSON or NDJSON.`);
  const whole = parseJson(trimmed);
  const instances = whole.ok ? checkDocument(whole.value, name) : parseLines(trimmed, name, whole.message);
  if (instances.length === 0) throw new CommandError(`${name} holds no instance.`);
  return instances;
}

function checkDocument(value: unknown, name: string): Instance[] {
  const parsed = documentSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CommandError(`${name}: expected an object, an array of objects, or { "instances": […] }.`);
}

function parseLines(content: string, name: string, documentMessage: string): Instance[] {
  const lines = content.split('\n');
  // A document spread over lines is no NDJSON: its own error says more than that of its first line.
  if (!parseJson(lines[0] ?? '').ok) throw new CommandError(`${name} is no JSON: ${documentMessage}`);
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    const parsed = parseJson(line);
    if (!parsed.ok) throw new CommandError(`${name}, line ${i + 1}: ${parsed.message}`);
    const instance = instanceSchema.safeParse(parsed.value);
    if (!instance.success) throw new CommandError(`${name}, line ${i + 1}: expected an object.`);
    return [instance.data];
  });
}

function parseJson(content: string): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(content) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
