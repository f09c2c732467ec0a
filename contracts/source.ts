import { z } from 'zod';
import { type Language, languageSchema } from '../ml/text/languages.ts';
import { type Sha256, sha256Schema, snapshotRefSchema } from './ids.ts';

/** Where the data of a run comes from, as clients write it: `demo:olist?rows=20000&seed=7`, `upload:ID`, … */
export type Source =
  | { kind: 'demo'; name: string; rows: number; seed: number; languages?: Languages }
  | { kind: 'upload'; id: string }
  | { kind: 'snapshot'; ref: string }
  | { kind: 'folder'; path: string }
  | ReviewsSource
  | HttpsSource;

/** Of a demo's texts; at least one, each once. */
export type Languages = readonly [Language, ...Language[]];

/** Reviews that were taken in, of one source or of all (`name` null); `from` inclusive, `to` exclusive. */
export type ReviewsSource = { kind: 'reviews'; name: string | null; from: string | null; to: string | null };
/** All that were taken in. */
export const allReviews = 'reviews:*';

/** A file of another server, which is taken only if its bytes are those that were meant. */
export type HttpsSource = { kind: 'https'; url: string; sha256: Sha256; name: string };

/** Thrown when a text is no source; the message says what one looks like. */
export class InvalidSource extends Error {
  override readonly name = 'InvalidSource';
}

const demoLimits = { rows: { default: 20_000, max: 2_000_000 }, seed: { default: 7 } } as const;

/** @throws InvalidSource */
export function parseSource(text: string): Source {
  const colon = text.indexOf(':');
  const kind = text.slice(0, Math.max(colon, 0));
  const rest = text.slice(colon + 1);
  switch (kind) {
    case 'demo':
      return parseDemo(rest, text);
    case 'upload':
      if (!z.uuid().safeParse(rest).success)
        throw new InvalidSource(`"${text}": an upload is named by the id that POST /api/v1/uploads answered`);
      return { kind: 'upload', id: rest };
    case 'snapshot': {
      const parsed = snapshotRefSchema.safeParse(rest);
      if (!parsed.success) throw new InvalidSource(`"${text}": ${parsed.error.issues[0]?.message ?? ''}`);
      return { kind: 'snapshot', ref: parsed.data };
    }
    case 'folder':
      if (rest === '') throw new InvalidSource(`"${text}": a folder source needs a path`);
      return { kind: 'folder', path: rest };
    case 'reviews':
      return parseReviews(rest, text);
    case 'https':
      return parseHttps(text);
    default:
      throw new InvalidSource(
        `"${text}" is no source; known forms: demo:NAME?rows=…&seed=…, upload:ID, snapshot:REF, folder:PATH, reviews:NAME?from=…&to=…, https://HOST/FILE#sha256=…`,
      );
  }
}

function parseDemo(rest: string, text: string): Source {
  const [name = '', ...queries] = rest.split('?');
  const query = queries.join('?');
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new InvalidSource(`"${text}": a demo source needs a name, as demo:olist`);
  const values = new URLSearchParams(query);
  const unknown = [...values.keys()].find((key) => key !== 'rows' && key !== 'seed' && key !== 'languages');
  if (unknown !== undefined)
    throw new InvalidSource(`"${text}": unknown option "${unknown}"; known: rows, seed, languages`);
  const whole = (key: 'rows' | 'seed', fallback: number, max: number): number => {
    const [raw, ...more] = values.getAll(key);
    if (raw === undefined) return fallback;
    if (more.length > 0) throw new InvalidSource(`"${text}": ${key} is given twice`);
    const value = Number(raw);
    if (!/^\d+$/.test(raw) || value < (key === 'rows' ? 1 : 0) || value > max)
      throw new InvalidSource(`"${text}": ${key} must be a whole number up to ${max}, not "${raw}"`);
    return value;
  };
  return {
    kind: 'demo',
    name,
    rows: whole('rows', demoLimits.rows.default, demoLimits.rows.max),
    seed: whole('seed', demoLimits.seed.default, 2 ** 32 - 1),
    ...languagesOf(values.getAll('languages'), text),
  };
}

function languagesOf([raw, ...more]: readonly string[], text: string): { languages?: Languages } {
  if (raw === undefined) return {};
  if (more.length > 0) throw new InvalidSource(`"${text}": languages is given twice`);
  try {
    return { languages: parseLanguages(raw) };
  } catch (error) {
    throw error instanceof InvalidSource ? new InvalidSource(`"${text}": ${error.message}`) : error;
  }
}

/** "en,pt,fr". @throws InvalidSource */
export function parseLanguages(text: string): Languages {
  const parsed = z.array(languageSchema).safeParse(text.split(','));
  const [first, ...others] = parsed.data ?? [];
  if (first === undefined || new Set(parsed.data).size !== others.length + 1)
    throw new InvalidSource(
      `languages must be some of ${languageSchema.options.join(', ')}, each once and with a comma between, not "${text}"`,
    );
  return [first, ...others];
}

const timeSchema = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

/** `reviews:www.trustpilot.com?from=2024-01-01`; `reviews:*` are those of all sources. */
function parseReviews(rest: string, text: string): ReviewsSource {
  const refuse = (message: string) => new InvalidSource(`"${text}": ${message}`);
  const question = rest.lastIndexOf('?');
  const name = question === -1 ? rest : rest.slice(0, question);
  if (name === '') throw refuse('reviews need the name of their source, or * for those of all');
  const values = new URLSearchParams(question === -1 ? '' : rest.slice(question + 1));
  const unknown = [...values.keys()].find((key) => key !== 'from' && key !== 'to');
  if (unknown !== undefined) throw refuse(`unknown option "${unknown}"; known: from, to`);
  const time = (key: 'from' | 'to'): string | null => {
    const [given, ...more] = values.getAll(key);
    if (given === undefined) return null;
    if (more.length > 0) throw refuse(`${key} is given twice`);
    if (!timeSchema.safeParse(given).success)
      throw refuse(`${key} must be a date, or a time with its offset from UTC, not "${given}"`);
    return new Date(given).toISOString();
  };
  const [from, to] = [time('from'), time('to')];
  if (from !== null && to !== null && from >= to) throw refuse('from must be earlier than to');
  return { kind: 'reviews', name: name === '*' ? null : name, from, to };
}

/** `https://host/file.csv#sha256=…`; what follows the `#` is for us, and is sent nowhere. */
function parseHttps(text: string): HttpsSource {
  const refuse = (message: string) => new InvalidSource(`"${text}": ${message}`);
  if (!URL.canParse(text)) throw refuse('is no URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw refuse('a URL with a user name or password would be recorded with the run');
  const values = new URLSearchParams(url.hash.slice(1));
  url.hash = '';
  const unknown = [...values.keys()].find((key) => key !== 'sha256' && key !== 'name');
  if (unknown !== undefined) throw refuse(`unknown option "${unknown}" after "#"; known: sha256, name`);
  const sha256 = sha256Schema.safeParse(values.get('sha256')?.toLowerCase());
  if (!sha256.success)
    throw refuse(
      'the SHA-256 that the file must have is missing: end it in #sha256= and 64 hexadecimal digits',
    );
  const name = values.get('name') ?? lastPart(url.pathname);
  if (!/^[^/\\\p{Cc}.][^/\\\p{Cc}]{0,199}$/u.test(name) || !fileName.test(name))
    throw refuse(
      `"${name}" is no name of a data file (.csv, .tsv, .txt, .parquet, .pq or .xlsx); give one as #sha256=…&name=orders.csv`,
    );
  return { kind: 'https', url: url.href, sha256: sha256.data, name };
}

const fileName = /\.(?:csv|tsv|txt|parquet|pq|xlsx)$/i;

function lastPart(path: string): string {
  const part = path.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
