import { z } from 'zod';

export const topicMethodSchema = z.enum(['lda', 'nmf']);
export type TopicMethod = z.infer<typeof topicMethodSchema>;

/** By which the number of topics is chosen. */
export const coherenceMeasureSchema = z.enum(['npmi', 'cv']);
export type CoherenceMeasure = z.infer<typeof coherenceMeasureSchema>;
