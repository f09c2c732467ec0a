import { z } from 'zod';

export const topicMethodSchema = z.enum(['lda', 'nmf']);
export type TopicMethod = z.infer<typeof topicMethodSchema>;
