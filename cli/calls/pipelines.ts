import { pipelineDetailSchema, pipelineListSchema } from '../../contracts/http/pipelines.ts';
import { type Connection, part } from '../connection.ts';

export function pipelineCalls({ call }: Connection) {
  return {
    pipelines: () => call({ path: '/pipelines', answer: pipelineListSchema }),
    pipeline: (pipeline: string) =>
      call({ path: `/pipelines/${part(pipeline)}`, answer: pipelineDetailSchema }),
  };
}
