import {
  type PredictRequest,
  predictionListSchema,
  predictResponseSchema,
} from '../../contracts/http/predictions.ts';
import { type Connection, part, type Query } from '../connection.ts';

export function predictionCalls({ call }: Connection) {
  return {
    predict: (pipeline: string, body: PredictRequest) =>
      call({
        method: 'POST',
        path: `/models/${part(pipeline)}/predict`,
        body,
        answer: predictResponseSchema,
      }),
    predictions: (query: Query) => call({ path: '/predictions', query, answer: predictionListSchema }),
  };
}
