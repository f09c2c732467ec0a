import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEventStream, type StreamEvent } from '../../cli/event-stream.ts';

async function read(chunks: Uint8Array[]): Promise<StreamEvent[]> {
  async function* body() {
    yield* chunks;
  }
  const events: StreamEvent[] = [];
  for await (const event of readEventStream(body())) events.push(event);
  return events;
}

const stream =
  ': hello\n\nid: 4\nevent: run\ndata: {"a":1}\n\ndata: é\r\ndata: ü\r\n\r\nid: 5\ndata: last\n\n';
const expected = [
  { id: '4', event: 'run', data: '{"a":1}' },
  { id: '4', event: 'message', data: 'é\nü' },
  { id: '5', event: 'message', data: 'last' },
];

describe('server-sent events', () => {
  it('joins data lines, skips comments and keeps the last id', async () => {
    expect(await read([Buffer.from(stream)])).toEqual(expected);
  });

  it('does not deliver an event that was cut off', async () => {
    expect(await read([Buffer.from('data: whole\n\ndata: cut')])).toEqual([
      { id: null, event: 'message', data: 'whole' },
    ]);
  });

  it('reads the same events wherever the bytes are cut', async () => {
    const bytes = Buffer.from(stream);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
        expect(await read(chunks)).toEqual(expected);
      }),
    );
  });
});
