import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { beforeAll, describe, expect, it } from 'vitest';

const web = fileURLToPath(new URL('../../web', import.meta.url));
const page = readFileSync(join(web, 'index.html'), 'utf8');
const modules = readdirSync(join(web, 'assets'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.js'))
  .map((name) => ({
    path: join(web, 'assets', name),
    name,
    source: readFileSync(join(web, 'assets', name), 'utf8'),
  }));

describe('the dashboard', () => {
  beforeAll(() => init);

  it('names no other host, and its policy lets none be reached', () => {
    const files = [
      page,
      readFileSync(join(web, 'assets/dashboard.css'), 'utf8'),
      ...modules.map(({ source }) => source),
    ];
    // The namespace of drawings is a name: nothing is fetched by it.
    const namespace = 'http://www.w3.org/2000/svg';
    for (const content of files.map((file) => file.replaceAll(namespace, '')))
      expect(content).not.toMatch(/(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}/i);
    expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'; script-src 'self';/);
  });

  it('has no script in the page itself', () => {
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(page).not.toMatch(/\son[a-z]+=/);
  });

  it('loads only files that are there', () => {
    const addressed = [...page.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
    expect(addressed.length).toBeGreaterThan(2);
    for (const address of addressed) expect(existsSync(join(web, address)), address).toBe(true);
    for (const { path, name, source } of modules) {
      for (const { n } of parse(source)[0])
        expect(existsSync(join(dirname(path), n ?? '')), `${name} imports ${n}`).toBe(true);
    }
  });

  it('never parses text of the service as HTML', () => {
    for (const { name, source } of modules)
      expect(source, name).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b/,
      );
  });
});
