import { parentPort } from 'node:worker_threads';
import type { CrewJob } from '../ml/trees/crew-board.ts';
import { assist } from '../ml/trees/crew-helper.ts';

/** Entry of a thread that helps another one's fit: it works from shared memory and answers there. */
const port = parentPort;
if (port === null) throw new Error('threads/fit-helper.ts is the entry of a worker thread');
port.on('message', ({ job, helper }: { job: CrewJob; helper: number }) => assist(job, helper));
