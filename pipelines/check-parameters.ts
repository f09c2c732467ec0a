import type { Pipeline } from '../contracts/pipeline.ts';
import { InvalidSource, parseSource } from '../contracts/source.ts';
import type { Fault } from './fault.ts';
import { builtInParameters, InvalidParameters, resolveParameters } from './parameters.ts';

/** Run parameters with their defaults, and where the schedule and the demo take their data from. */
export function checkParameters(pipeline: Pipeline): Fault[] {
  const faults: Fault[] = Object.keys(pipeline.parameters).flatMap((name): Fault[] => {
    const path = ['parameters', name];
    if (builtInParameters.some((builtIn) => builtIn === name))
      return [{ path, message: `"${name}" is a parameter of every pipeline; choose another name` }];
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) return [{ path, message: 'a parameter is named in camelCase' }];
    return [];
  });
  // An empty list of candidates is the default that stands for all of them.
  const defaults = Object.entries(pipeline.parameters).filter(
    ([, declared]) => declared.type !== 'candidates' || declared.default.length > 0,
  );
  try {
    resolveParameters(
      pipeline,
      Object.fromEntries(defaults.map(([name, declared]) => [name, declared.default])),
    );
  } catch (error) {
    if (!(error instanceof InvalidParameters)) throw error;
    for (const { name, message } of error.problems)
      faults.push({ path: ['parameters', name, 'default'], message });
  }
  faults.push(...checkSource(['demo'], pipeline.demo));
  if (pipeline.schedule !== undefined)
    faults.push(...checkSource(['schedule', 'source'], pipeline.schedule.source));
  return faults;
}

function checkSource(path: Fault['path'], text: string): Fault[] {
  try {
    const { kind } = parseSource(text);
    return path[0] === 'demo' && kind !== 'demo' ? [{ path, message: `"${text}" is no demo source` }] : [];
  } catch (error) {
    if (!(error instanceof InvalidSource)) throw error;
    return [{ path, message: error.message }];
  }
}
