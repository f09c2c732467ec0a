import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Why this Python does not run the program, such as `import onnxruntime`; null where it does. */
export function whyNotPython(python: string, program: string): Promise<string | null> {
  return promisify(execFile)(python, ['-c', program]).then(
    () => null,
    (error: unknown) =>
      error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error),
  );
}
