import { join } from 'node:path';
import { projectRoot } from '../config/paths.ts';

/** Python is not compiled: it runs from the sources, whatever calls it. */
export const peerFolder = join(projectRoot, 'bench/peers');

export const peerProgram = (name: string): string => join(peerFolder, name);
