import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { declarationSchema, editorSchemas, settingsFileSchema } from '../../pipelines/editor-schema.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

// `npx vitest run test/pipelines -u && npx biome check --write contracts` writes them anew.
test.each(Object.entries(editorSchemas))(
  'contracts/%s is what the files are checked by',
  async (name, make) => {
    const file = join(root, 'contracts', name);
    const current: unknown = JSON.parse(await readFile(file, 'utf8').catch(() => 'null'));
    const wanted: unknown = JSON.parse(JSON.stringify(make()));
    if (!isDeepStrictEqual(current, wanted))
      await expect(JSON.stringify(wanted, null, 2)).toMatchFileSnapshot(file);
    expect(wanted).toHaveProperty('title');
  },
);

test('a declaration that includes others may leave keys to them', () => {
  const { oneOf } = declarationSchema();
  expect(oneOf).toHaveLength(4);
  expect(oneOf).toContainEqual(
    expect.objectContaining({
      required: ['task'],
      if: { required: ['include'] },
      else: { required: expect.arrayContaining(['tables', 'features', 'candidates']) },
    }),
  );
});

test('a settings file has the pipelines and the reviews, and of these only what may be set', () => {
  expect(settingsFileSchema()).toMatchObject({
    additionalProperties: false,
    properties: {
      pipelines: {
        additionalProperties: {
          additionalProperties: false,
          properties: {
            gate: { properties: { compare: { anyOf: [{ additionalProperties: false }, { type: 'null' }] } } },
          },
        },
      },
      reviews: { additionalProperties: false, properties: { drift: { additionalProperties: false } } },
    },
  });
});

describe('the first line names the schema for editors', () => {
  const files = ['pipelines', 'docs/examples', 'test/pipelines/declared'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?:^|\/)(?:pipeline|perennial)\.yaml$/.test(file))
      .map((file) => join(folder, file)),
  );

  test.each(files)('%s', async (file) => {
    const [first] = (await readFile(join(root, file), 'utf8')).split('\n', 1);
    const named = /^# yaml-language-server: \$schema=(.+)$/.exec(first ?? '')?.[1] ?? 'none';
    const schema = file.endsWith('pipeline.yaml') ? 'pipeline.schema.json' : 'settings.schema.json';
    expect(relative(root, resolve(root, dirname(file), named))).toBe(`contracts/${schema}`);
  });
});
