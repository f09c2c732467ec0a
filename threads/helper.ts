import { parentPort } from 'node:worker_threads';
import { assist, type CrewJob } from '../ml/trees/crew.ts';

/** Entry of a thread that helps another one's fit: it works from shared memory and answers there. */
const port = parentPort;
if (port === null) throw new Error('threads/helper.ts is the entry of a worker thread');
port.on('message', ({ job, helper }: { job: CrewJob; helper: number }) => assist(job, helper));
