export type StreamEvent = { id: string | null; event: string; data: string };

/**
 * Reads server-sent events from a response body as the HTML standard (section 9.2.6) parses them: lines end in
 * LF, CRLF or CR, an empty line dispatches, several `data` lines are joined, a line that begins with a colon is a comment.
 */
export async function* readEventStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let pending = '';
  let fields = { event: 'message', data: [] as string[] };
  let lastId: string | null = null;
  for await (const chunk of body) {
    pending += decoder.decode(chunk, { stream: true });
    // A CR at the very end may be half of a CRLF: it waits for the next chunk.
    const lines = pending.split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (fields.data.length > 0) yield { id: lastId, event: fields.event, data: fields.data.join('\n') };
        fields = { event: 'message', data: [] };
        continue;
      }
      const colon = line.indexOf(':');
      const name = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (name === 'data') fields.data.push(value);
      else if (name === 'event') fields.event = value;
      else if (name === 'id') lastId = value;
    }
  }
}
