import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { choosePort, freePort, PortTakenError } from '../../local/ports.ts';

/** A process of its own that listens on a port. */
async function occupy(): Promise<{ port: number; pid: number }> {
  const port = await freePort();
  const program = `require('node:http').createServer().listen(${port}, '127.0.0.1', () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('no process');
  return { port, pid: child.pid };
}

const wish = { part: 'the API', variable: 'PORT' };

test('a taken port that was asked for is an error naming its holder and the variable', async () => {
  const { port, pid } = await occupy();
  const choice = choosePort({ ...wish, candidates: [port], fixed: true }, () => undefined);
  await expect(choice).rejects.toThrow(PortTakenError);
  await expect(choice).rejects.toThrow(new RegExp(`port ${port} for the API .*\\(pid ${pid}\\).*PORT`));
});

test('a taken default port is replaced by a free one, and said', async () => {
  const { port, pid } = await occupy();
  const lines: string[] = [];
  const chosen = await choosePort({ ...wish, candidates: [port], fixed: false }, (line) => lines.push(line));
  expect(chosen).not.toBe(port);
  expect(lines).toEqual([expect.stringContaining(`(pid ${pid})`)]);
  expect(lines[0]).toContain(`listens on ${chosen} instead`);
});

test('the port of the last start comes before the configured one', async () => {
  const [remembered, configured] = [await freePort(), await freePort()];
  const chosen = await choosePort(
    { ...wish, candidates: [remembered, configured], fixed: false },
    () => undefined,
  );
  expect(chosen).toBe(remembered);
});

test('a port promised to another part is not given twice', async () => {
  const port = await freePort();
  const chosen = await choosePort(
    { ...wish, candidates: [port], fixed: false, promised: new Set([port]) },
    () => undefined,
  );
  expect(chosen).not.toBe(port);
});
