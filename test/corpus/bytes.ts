import { gzipSync } from 'node:zlib';
import { z } from 'zod';

/** Bytes as a case writes them down: text, or a recipe for what text cannot hold or would be too long. */
const part = z.union([
  z.string(),
  z.strictObject({ hex: z.string().regex(/^(?:[0-9a-f]{2})+$/i) }),
  z.strictObject({ repeat: z.string(), times: z.int().min(1) }),
  /** `{n}` stands for 1, 2, … */
  z.strictObject({ numbered: z.string(), times: z.int().min(1) }),
]);

export const bytesSchema = z.union([
  z.string(),
  z.strictObject({
    parts: z.array(part),
    as: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'latin-1']).default('utf-8'),
    gzip: z.boolean().default(false),
  }),
]);
export type BytesRecipe = z.infer<typeof bytesSchema>;

export function bytesOf(recipe: BytesRecipe): Buffer {
  if (typeof recipe === 'string') return Buffer.from(recipe);
  const bytes = Buffer.concat(recipe.parts.map((item) => partBytes(item, recipe.as)));
  return recipe.gzip ? gzipSync(bytes) : bytes;
}

function partBytes(
  item: z.infer<typeof part>,
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin-1',
): Buffer {
  if (typeof item !== 'string' && 'hex' in item) return Buffer.from(item.hex, 'hex');
  const text = textOf(item);
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text);
    case 'latin-1':
      return Buffer.from(text, 'latin1');
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    default:
      return encoding satisfies never;
  }
}

function textOf(item: Exclude<z.infer<typeof part>, { hex: string }>): string {
  if (typeof item === 'string') return item;
  if ('repeat' in item) return item.repeat.repeat(item.times);
  return Array.from({ length: item.times }, (_, index) =>
    item.numbered.replaceAll('{n}', String(index + 1)),
  ).join('');
}
