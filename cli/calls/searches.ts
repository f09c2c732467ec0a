import { type CreateSearch, searchSchema, searchStartedSchema } from '../../contracts/http/searches.ts';
import { type Connection, idempotency, part } from '../connection.ts';

export function searchCalls({ call }: Connection) {
  return {
    startSearch: (pipeline: string, body: CreateSearch, idempotencyKey: string | undefined) =>
      call({
        method: 'POST',
        path: `/pipelines/${part(pipeline)}/searches`,
        body,
        headers: idempotency(idempotencyKey),
        answer: searchStartedSchema,
      }),
    search: (searchId: string) => call({ path: `/searches/${part(searchId)}`, answer: searchSchema }),
  };
}
