import type { Operation } from './operations.ts';

/** Bodies that work on a fresh start, by the path of the operation. */
const bodies: Readonly<Record<string, string>> = {
  '/api/v1/pipelines/{pipeline}/runs': '{"kind":"deploy","source":"demo:olist?rows=20000&seed=7"}',
  '/api/v1/models/{pipeline}/predict':
    '{"instances":[{"order_purchase_timestamp":"2018-05-02T10:12:00Z","order_estimated_delivery_date":"2018-05-20T00:00:00Z","review_creation_date":"2018-05-12T00:00:00Z","price":89.9}]}',
  '/api/v1/models/{pipeline}/versions/{version}/promote': '{"reason":"checked by hand"}',
  '/api/v1/models/{pipeline}/rollback': '{"reason":"too many wrong alarms"}',
  '/api/v1/runs/{runId}/cancel': '{"reason":"wrong data"}',
  '/api/v1/schedules/{pipeline}': '{"cron":"0 4 * * 1","timezone":"Europe/Paris"}',
};

const values: Readonly<Record<string, string>> = {
  pipeline: 'olist-score',
  version: '1',
  runId: '$RUN',
  name: 'validation.html',
  id: '$PREDICTION',
  requestId: '$REQUEST',
};

/** Where the examples find the service, until the page is asked for at an address of its own. */
export const exampleOrigin = 'http://127.0.0.1:3000';

/** A command that can be pasted; `$RUN`, `$PREDICTION` and `$REQUEST` are what an earlier answer gave. */
export function curlExample({ method, path, body, responses }: Operation): string {
  const url = `${exampleOrigin}${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? name)}`;
  const isStream = responses.some(({ mediaType }) => mediaType === 'text/event-stream');
  const parts = [
    `curl ${isStream ? '-N ' : ''}${method === 'get' ? '' : `-X ${method.toUpperCase()} `}"${url}"`,
  ];
  if (body?.mediaType === 'multipart/form-data') parts.push('-F file=@orders.csv');
  else if (body !== null) {
    parts.push("-H 'content-type: application/json'", `-d '${bodies[path] ?? '{}'}'`);
  }
  return parts.join(' \\\n  ');
}
