import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compiledFile, projectRoot } from '../../config/paths.ts';

it('finds what was built from the root of the project, and says how to build what was not', () => {
  expect(readFileSync(join(projectRoot, 'package.json'), 'utf8')).toContain('"name": "perennial"');
  expect(compiledFile('config/paths.js')).toBe(join(projectRoot, 'dist', 'config', 'paths.js'));
  expect(() => compiledFile('config/path.js')).toThrow(
    /path\.js does not exist: build first, with "npm run build"$/,
  );
});
