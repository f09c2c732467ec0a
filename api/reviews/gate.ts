import { HttpProblem } from '../problem.ts';

/**
 * Lets so many through at a time; the others wait in turn, and where too many wait the next is sent away.
 * @returns a function that performs work once there is room for it, and throws HttpProblem 429 where there is none
 */
export function createGate(limits: {
  open: number;
  waiting: number;
}): <T>(work: () => Promise<T>) => Promise<T> {
  let open = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (open >= limits.open) {
      if (waiting.length >= limits.waiting)
        throw new HttpProblem(429, `${waiting.length} requests wait already`, { retryAfterSeconds: 1 });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      open++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) open--;
      else next();
    }
  };
}
