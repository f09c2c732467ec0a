import {
  deploymentSchema,
  deploymentStartedSchema,
  ledgerSchema,
  modelListSchema,
  modelVersionListSchema,
  modelVersionSchema,
} from '../../contracts/http/models.ts';
import { type Connection, part, type Query } from '../connection.ts';

export function modelCalls({ call }: Connection) {
  return {
    models: () => call({ path: '/models', answer: modelListSchema }),
    versions: (pipeline: string, query: Query) =>
      call({ path: `/models/${part(pipeline)}/versions`, query, answer: modelVersionListSchema }),
    version: (pipeline: string, version: number) =>
      call({ path: `/models/${part(pipeline)}/versions/${version}`, answer: modelVersionSchema }),
    promote: (pipeline: string, version: number, reason: string | undefined) =>
      call({
        method: 'POST',
        path: `/models/${part(pipeline)}/versions/${version}/promote`,
        body: { reason },
        answer: deploymentStartedSchema,
      }),
    rollback: (pipeline: string, body: { version: number | undefined; reason: string | undefined }) =>
      call({
        method: 'POST',
        path: `/models/${part(pipeline)}/rollback`,
        body,
        answer: deploymentStartedSchema,
      }),
    deployment: (pipeline: string, requestId: string) =>
      call({ path: `/models/${part(pipeline)}/deployments/${part(requestId)}`, answer: deploymentSchema }),
    ledger: (pipeline: string, query: Query) =>
      call({ path: `/models/${part(pipeline)}/ledger`, query, answer: ledgerSchema }),
  };
}
