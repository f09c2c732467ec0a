import { type Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../config/config.ts';
import { type Client, createClient } from './client.ts';
import { createOutput, type Output } from './output.ts';

/** What a command works with, made when it runs, so that `--help` needs no valid environment. */
export type CommandContext = { client: Client; output: Output };

export function contextOf(command: Command): CommandContext {
  const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
  return { client: createClient(readConfig().client), output: createOutput({ json }) };
}

/** For `--limit`, `--seed` and other whole numbers. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('It must be a whole number.');
  return value;
}
