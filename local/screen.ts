import { MultiBar, Presets } from 'cli-progress';

export interface Task {
  /** `share` is 0 to 1; undefined where the length is unknown. */
  update(share: number | undefined, note: string): void;
  end(note: string): void;
}

export interface Screen {
  say(line: string): void;
  task(title: string): Task;
}

/** A line for a long step is repeated this often when the output is not a terminal. */
const plainLineEveryMs = 10_000;

const seconds = (sinceMs: number): string => `${Math.round((performance.now() - sinceMs) / 1000)} s`;

/** Progress bars on a terminal, plain lines elsewhere. */
export function createScreen(stream: NodeJS.WriteStream): Screen {
  // A closed terminal must not take the service with it before it has stopped in order.
  stream.on('error', () => undefined);
  const write = (line: string) => stream.write(`${line}\n`);
  return stream.isTTY ? createBarScreen(stream, write) : { say: write, task: createPlainTask(write) };
}

function createPlainTask(write: (line: string) => void): Screen['task'] {
  return (title) => {
    const startedMs = performance.now();
    let shownMs = startedMs;
    let shownNote = '';
    return {
      update(share, note) {
        const percent = share === undefined ? '' : ` ${Math.floor(share * 100)} %`;
        const due = performance.now() - shownMs >= plainLineEveryMs;
        if (note === shownNote && !due) return;
        if (!due && shownNote !== '' && performance.now() - shownMs < 1000) return;
        shownMs = performance.now();
        shownNote = note;
        write(`${title}:${percent} ${note} (${seconds(startedMs)})`);
      },
      end: (note) => {
        write(`${title}: ${note} (${seconds(startedMs)})`);
      },
    };
  };
}

function createBarScreen(stream: NodeJS.WriteStream, write: (line: string) => void): Screen {
  let bars: MultiBar | undefined;
  let open = 0;
  return {
    say(line) {
      if (bars === undefined) write(line);
      else bars.log(`${line}\n`);
    },
    task(title) {
      const startedMs = performance.now();
      bars ??= new MultiBar(
        {
          stream,
          format: '{title} {bar} {percent} {note} ({elapsed})',
          barsize: 24,
          hideCursor: true,
          noTTYOutput: false,
          emptyOnZero: true,
          // Its own signal handler would stop the bars before the supervisor has said what it does.
          gracefulExit: false,
        },
        Presets.shades_classic,
      );
      const group = bars;
      open += 1;
      const payload = { title: title.padEnd(24), note: '', percent: '', elapsed: '0 s' };
      const bar = group.create(1000, 0, payload);
      return {
        update(share, note) {
          const percent = share === undefined ? '' : `${Math.floor(share * 100)} %`;
          bar.update(Math.round((share ?? 0) * 1000), { note, percent, elapsed: seconds(startedMs) });
        },
        end(note) {
          bar.update(1000, { note, percent: '', elapsed: seconds(startedMs) });
          open -= 1;
          if (open > 0) return;
          group.stop();
          bars = undefined;
        },
      };
    },
  };
}
