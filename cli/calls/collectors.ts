import {
  collectionListSchema,
  collectionRequestedSchema,
  collectionSchema,
  collectorListSchema,
  collectorViewSchema,
} from '../../contracts/http/collectors.ts';
import { type Connection, part, type Query } from '../connection.ts';

export function collectorCalls({ call }: Connection) {
  return {
    collectors: () => call({ path: '/collectors', answer: collectorListSchema }),
    collector: (name: string) => call({ path: `/collectors/${part(name)}`, answer: collectorViewSchema }),
    collect: (name: string) =>
      call({
        method: 'POST',
        path: `/collectors/${part(name)}/collect`,
        body: {},
        answer: collectionRequestedSchema,
      }),
    collections: (name: string, query: Query) =>
      call({ path: `/collectors/${part(name)}/collections`, query, answer: collectionListSchema }),
    collection: (id: string) => call({ path: `/collections/${part(id)}`, answer: collectionSchema }),
    cancelCollection: (id: string) =>
      call({ method: 'POST', path: `/collections/${part(id)}/cancel`, body: {}, answer: collectionSchema }),
    setCollectorPaused: (name: string, paused: boolean) =>
      call({
        method: 'POST',
        path: `/collectors/${part(name)}/${paused ? 'pause' : 'resume'}`,
        body: {},
        answer: collectorViewSchema,
      }),
  };
}
