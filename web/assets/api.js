const keyName = 'perennial-api-key';

/** A request the service refused; `message` shows its problem details, `errors` has those of its fields. */
export class RequestRefused extends Error {
  constructor(status, { message, errors }) {
    super(message);
    this.name = 'RequestRefused';
    this.status = status;
    this.errors = errors;
  }
}

export function rememberKey(key) {
  sessionStorage.setItem(keyName, key);
}

/** Paths are relative to the page, so that the dashboard works behind a prefix. */
async function send(path, { method = 'GET', body, headers = {}, signal } = {}) {
  const key = sessionStorage.getItem(keyName);
  const response = await fetch(path, {
    method,
    signal,
    headers: {
      accept: 'application/json',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.ok) return response;
  throw new RequestRefused(response.status, await describe(response));
}

export async function get(path) {
  return (await send(`api/v1/${path}`)).json();
}

export async function post(path, body = {}) {
  const text = await (await send(`api/v1/${path}`, { method: 'POST', body })).text();
  return text === '' ? null : JSON.parse(text);
}

/** Where a file can be opened. With a key it is fetched first, because a plain link cannot carry one. */
export async function fileAddress(href) {
  const path = href.replace(/^\//, '');
  if (sessionStorage.getItem(keyName) === null) return path;
  const response = await send(path, { headers: { accept: '*/*' } });
  return URL.createObjectURL(await response.blob());
}

/** Calls back with every state of a run until it ends or `signal` aborts. */
export async function followRun(runId, signal, onState) {
  let lastId = null;
  while (!signal.aborted) {
    try {
      const headers = {
        accept: 'text/event-stream',
        ...(lastId === null ? {} : { 'last-event-id': lastId }),
      };
      const response = await send(`api/v1/runs/${runId}/events`, { headers, signal });
      for await (const event of readEvents(response.body)) {
        lastId = event.id ?? lastId;
        const state = JSON.parse(event.data);
        if (typeof state.status !== 'string') continue;
        onState(state);
        if (state.endedAt !== null) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RequestRefused && error.status < 500) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/**
 * Waits until a promotion or rollback is over. Answers why it changed nothing, `{ type, message }`; null where it did.
 * @param address `links.deployment` of the answer that it was started with
 */
export async function followDeployment(address) {
  const path = address.replace(/^\//, '');
  for (;;) {
    try {
      const { status, failure } = await (await send(path)).json();
      if (status !== 'running') return failure;
    } catch (error) {
      // While the service starts anew, or cannot reach Temporal, the deployment goes on.
      if (error instanceof RequestRefused && error.status < 500) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (pending + value).split(/\r?\n\r?\n/);
    pending = blocks.pop();
    for (const block of blocks) {
      const fields = block.split(/\r?\n/).map((line) => /^(\w+): ?(.*)$/.exec(line) ?? []);
      const data = fields.filter(([, name]) => name === 'data').map(([, , text]) => text);
      const id = fields.find(([, name]) => name === 'id')?.[2] ?? null;
      if (data.length > 0) yield { id, data: data.join('\n') };
    }
  }
}

async function describe(response) {
  try {
    const problem = await response.json();
    const errors = problem.errors ?? [];
    const fields = errors.map(({ pointer, message }) => `${pointer}: ${message}`);
    // The fields at fault say more than the detail, which names the first of them.
    return { errors, message: fields.length > 0 ? fields.join('\n') : (problem.detail ?? problem.title) };
  } catch {
    return { errors: [], message: `The service answered ${response.status}.` };
  }
}
