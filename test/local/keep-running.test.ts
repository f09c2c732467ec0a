import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { keepRunning } from '../../local/keep-running.ts';

/** A server whose starts are let go on, and whose lives are ended, by the test. */
function createServer() {
  const lives: { end(): void; stopped: boolean }[] = [];
  let letStart = () => {};
  const start = async () => {
    if (lives.length > 0) {
      await new Promise<void>((resolve) => {
        letStart = resolve;
      });
    }
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const life = { end, stopped: false };
    lives.push(life);
    const stop = async () => {
      life.stopped = true;
      end();
    };
    return { ended, stop };
  };
  return { lives, start, letStart: () => letStart() };
}

test('a server that ended by itself is started again', async () => {
  const { lives, start, letStart } = createServer();
  const said: string[] = [];
  const kept = await keepRunning({ name: 'Temporal', start, say: (line) => said.push(line) });
  lives[0]?.end();
  await turn();
  letStart();
  await turn();
  expect(lives).toHaveLength(2);
  expect(said).toEqual(['Temporal ended by itself; started again.']);
  await kept.stop();
  expect(lives[1]?.stopped).toBe(true);
});

test('a stop while a server is being started again stops the one that comes up', async () => {
  const { lives, start, letStart } = createServer();
  const kept = await keepRunning({ name: 'Temporal', start, say: () => undefined });
  lives[0]?.end();
  await turn();
  const stopped = kept.stop();
  letStart();
  await stopped;
  expect(lives[1]?.stopped).toBe(true);
});
