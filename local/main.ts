import { readConfig } from '../config/config.ts';
import { startedByNpm } from '../config/process-environment.ts';
import { createScreen } from './screen.ts';
import { createSupervisor } from './supervisor.ts';

/** What `npm start` runs: everything, until Ctrl-C. */
const screen = createScreen(process.stdout);

const repeatedSignalMs = 1000;
const parentCheckMs = 500;

async function main(): Promise<void> {
  // Customers' data and logs: nobody else's to read, even where root's home lets others pass through.
  process.umask(0o077);
  const config = readConfig();
  const supervisor = createSupervisor({ config, screen });
  let signals = 0;
  let firstSignalMs = 0;
  const onSignal = () => {
    // One Ctrl-C arrives twice under npm: from the terminal, and passed on by npm.
    if (signals > 0 && performance.now() - firstSignalMs < repeatedSignalMs) return;
    signals += 1;
    firstSignalMs = performance.now();
    if (signals === 1) {
      screen.say('Stopping: what runs is finished or handed on. Ctrl-C again forces it.');
      void end(supervisor);
    } else {
      screen.say('Forced.');
      supervisor.force();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  onShellEnd(() => {
    if (signals === 0) onSignal();
  });
  try {
    await supervisor.start();
  } catch (error) {
    if (signals > 0) return;
    signals += 1;
    // Said last: what stops may still say something.
    await supervisor.stop().catch(fail);
    fail(error);
    process.exit(1);
  }
}

/** npm passes SIGTERM to the shell that its script runs in, and that ends without passing it on. */
function onShellEnd(act: () => void): void {
  if (!startedByNpm()) return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    act();
  }, parentCheckMs);
  timer.unref();
}

async function end(supervisor: { stop(): Promise<void> }): Promise<void> {
  try {
    await supervisor.stop();
    screen.say('Stopped.');
    process.exit(0);
  } catch (error) {
    fail(error);
    process.exit(1);
  }
}

function fail(error: unknown): void {
  process.stderr.write(`perennial: ${error instanceof Error ? error.message : String(error)}\n`);
}

main().catch((error: unknown) => {
  fail(error);
  process.exitCode = 1;
});
