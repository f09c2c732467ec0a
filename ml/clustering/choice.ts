import { z } from 'zod';

export const clusterChoiceSchema = z.strictObject({
  by: z.enum(['silhouette', 'gap', 'stability']),
  /** In ascending order; of a gap also the number after the last, which it is held against. */
  curve: z.array(
    z.strictObject({ clusters: z.int(), value: z.number(), standardError: z.number().optional() }),
  ),
});
/** By what the number of clusters was chosen, and its values for the numbers tried. */
export type ClusterChoice = z.infer<typeof clusterChoiceSchema>;
