import { isUtf8 } from 'node:buffer';
import { HttpProblem } from './problem.ts';

const utf8 = new TextDecoder();

/**
 * The value of a JSON text; a byte-order mark is passed over, and of a name that repeats the last value counts.
 * @throws HttpProblem 400 with the line and column where the text stops being JSON, or the byte that is no UTF-8
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) {
    throw malformed(`is no UTF-8 from byte ${validLength(bytes)} on`);
  }
  const text = utf8.decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    const { at, wanted } = findFault(text);
    if (at >= text.length) {
      throw malformed(text.trim() === '' ? 'is empty' : `ends where ${wanted} is wanted`);
    }
    const before = text.slice(0, at).split('\n');
    const column = (before.at(-1) ?? '').length + 1;
    const found = JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
    throw malformed(
      `is no JSON at line ${before.length}, column ${column}: ${wanted} is wanted, not ${found}`,
    );
  }
}

const malformed = (what: string): HttpProblem =>
  new HttpProblem(400, `the body ${what}`, { errors: [{ pointer: '', message: what }] });

/** Bytes before the first that is no UTF-8. */
function validLength(bytes: Uint8Array): number {
  let valid = 0;
  // A prefix that ends within a character is invalid too, so the search is over ends of characters.
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (!isUtf8(bytes.subarray(at, at + length))) break;
    at += length;
    valid = at;
  }
  return valid;
}

type Fault = { at: number; wanted: string };

const literals = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters end a string's plain run
const plainRun = /[^"\\\u0000-\u001f]*/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where a text that is no JSON stops being it: the engine's own messages name the place only at times. */
function findFault(text: string): Fault {
  let at = 0;
  const closers: ('}' | ']')[] = [];
  let state: 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'after' = 'value';
  const fault = (wanted: string): Fault => ({ at, wanted });
  for (;;) {
    while (/[ \t\r\n]/.test(text[at] ?? '')) at++;
    const character = text[at];
    const closer = closers.at(-1);
    if (character !== undefined && character === closer && (state === 'after' || state.endsWith('-or-end'))) {
      closers.pop();
      state = 'after';
      at++;
      continue;
    }
    switch (state) {
      case 'after':
        if (closer === undefined) return fault('the end');
        if (character !== ',') return fault(`"," or "${closer}"`);
        state = closer === '}' ? 'key' : 'value';
        at++;
        break;
      case 'colon':
        if (character !== ':') return fault('":"');
        state = 'value';
        at++;
        break;
      case 'key':
      case 'key-or-end': {
        if (character !== '"')
          return fault(state === 'key' ? 'a name in double quotes' : 'a name in double quotes or "}"');
        const end = stringEnd(text, at);
        if (typeof end !== 'number') return end;
        at = end;
        state = 'colon';
        break;
      }
      case 'value':
      case 'value-or-end':
        if (character === '{' || character === '[') {
          closers.push(character === '{' ? '}' : ']');
          state = character === '{' ? 'key-or-end' : 'value-or-end';
          at++;
        } else if (character === '"') {
          const end = stringEnd(text, at);
          if (typeof end !== 'number') return end;
          at = end;
          state = 'after';
        } else {
          literals.lastIndex = at;
          const [literal] = literals.exec(text) ?? [];
          if (literal === undefined) return fault('a value');
          at += literal.length;
          state = 'after';
        }
        break;
      default:
        return state satisfies never;
    }
  }
}

/** The place after a string's closing quote. */
function stringEnd(text: string, start: number): number | Fault {
  let at = start + 1;
  for (;;) {
    plainRun.lastIndex = at;
    at += plainRun.exec(text)?.[0].length ?? 0;
    if (text[at] === '"') return at + 1;
    if (text[at] !== '\\') return { at, wanted: 'the closing quote of the text' };
    escapeSequence.lastIndex = at;
    const [sequence] = escapeSequence.exec(text) ?? [];
    if (sequence === undefined) return { at, wanted: 'an escape sequence of JSON' };
    at += sequence.length;
  }
}
