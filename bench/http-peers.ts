import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { compiledFile } from '../config/paths.ts';
import { childEnvironment } from '../config/process-environment.ts';
import { freePort } from '../local/ports.ts';
import { peerFolder } from './peer-program.ts';

/** A server that is measured beside ours, in a process of its own. */
export type HttpPeer = { url: URL; body: string; stop(): Promise<void> };

export async function startEcho(body: string): Promise<HttpPeer> {
  const child = spawn(process.execPath, [compiledFile('bench/echo-server.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(createInterface({ input: child.stdout }), 'line');
  return { url: new URL(`http://127.0.0.1:${port}/echo`), body, stop: () => stop(child) };
}

/** FastAPI as most would write it; it trains its model first. @throws where it does not answer within two minutes */
export async function startFastApi(options: { python: string; data: string }): Promise<HttpPeer> {
  const port = await freePort();
  const args = ['-m', 'uvicorn', 'serve_fastapi:app', '--port', String(port), '--log-level', 'warning'];
  const child = spawn(options.python, args, {
    cwd: peerFolder,
    env: childEnvironment({ OLIST: options.data, PYTHONDONTWRITEBYTECODE: '1' }, []),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const base = `http://127.0.0.1:${port}`;
  const endMs = performance.now() + 120_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the FastAPI peer ended with ${child.exitCode}`);
    const example = await fetch(`${base}/example`).catch(() => undefined);
    if (example?.ok === true)
      return { url: new URL(`${base}/predict`), body: await example.text(), stop: () => stop(child) };
    if (performance.now() > endMs) {
      await stop(child);
      throw new Error('the FastAPI peer did not answer within two minutes');
    }
    await delay(250);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}
