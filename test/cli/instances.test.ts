import { describe, expect, it } from 'vitest';
import { parseInstances } from '../../cli/instances.ts';

describe('instances to predict', () => {
  it.each([
    ['one object', '{"price": 1}', [{ price: 1 }]],
    ['an object over several lines', '{\n "price": 1\n}', [{ price: 1 }]],
    ['an array', '[{"price": 1}, {"price": 2}]', [{ price: 1 }, { price: 2 }]],
    ['a request body', '{"instances": [{"price": 1}]}', [{ price: 1 }]],
    ['one object a line', '{"price": 1}\r\n\n{"price": 2}\n', [{ price: 1 }, { price: 2 }]],
    ['a byte order mark', '\uFEFF{"price": 1}', [{ price: 1 }]],
  ])('reads %s', (_form, content, expected) => {
    expect(parseInstances(content, 'orders.json')).toEqual(expected);
  });

  it('names the line that is no JSON', () => {
    expect(() => parseInstances('{"price": 1}\n{"price": 2\n', 'orders.ndjson')).toThrow(
      /^orders\.ndjson, line 2: /,
    );
  });

  it('names the line that is no object', () => {
    expect(() => parseInstances('{"price": 1}\n[2]', 'orders.ndjson')).toThrow(
      'orders.ndjson, line 2: expected an object.',
    );
  });

  it.each([
    ['', 'orders.json is empty'],
    ['[]', 'orders.json holds no instance'],
    ['[1, 2]', 'orders.json: expected an object'],
    ['{\n "price": ,\n}', 'orders.json is no JSON'],
  ])('refuses %j', (content, message) => {
    expect(() => parseInstances(content, 'orders.json')).toThrow(message);
  });
});
