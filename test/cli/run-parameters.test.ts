import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrom } from '../../cli/commands/run.ts';
import { flagOfParameter, parseRunParameters } from '../../cli/run-parameters.ts';

const declared = {
  minR2: { type: 'number' },
  k: { type: 'integer' },
  candidates: { type: 'candidates' },
  from: { type: 'date' },
  balanced: { type: 'boolean' },
};

describe('run parameters', () => {
  it('reads each declared type from its kebab-case flag', () => {
    const args = [
      '--min-r2',
      '0.92',
      '--k=3',
      '--candidates',
      'linear, boosting',
      '--from',
      '2018-01-01',
      '--balanced',
    ];
    expect(parseRunParameters(args, declared)).toEqual({
      minR2: 0.92,
      k: 3,
      candidates: ['linear', 'boosting'],
      from: '2018-01-01',
      balanced: true,
    });
  });

  it('leaves --from to a parameter of that name, unless it names a step', () => {
    expect(readFrom(['2018-01-01', 'trainCandidate:linear'], declared)).toEqual({
      step: 'trainCandidate:linear',
      parameters: ['--from', '2018-01-01'],
    });
    expect(readFrom(['2018-01-01'], {})).toEqual({ step: '2018-01-01', parameters: [] });
    expect(() => readFrom(['buildRows', 'loadData'], declared)).toThrow('not buildRows, loadData');
  });

  it('takes a negative number as a value', () => {
    expect(parseRunParameters(['--min-r2', '-0.5'], declared)).toEqual({ minR2: -0.5 });
  });

  it('reads --no-flag and --flag false as false', () => {
    expect(parseRunParameters(['--no-balanced'], declared)).toEqual({ balanced: false });
    expect(parseRunParameters(['--balanced', 'false'], declared)).toEqual({ balanced: false });
  });

  it('refuses an unknown flag and names the known ones', () => {
    expect(() => parseRunParameters(['--min-r3', '1'], declared)).toThrow(
      'Unknown parameter --min-r3; known: --min-r2, --k, --candidates, --from, --balanced.',
    );
  });

  it.each([
    [['--min-r2', 'high'], '--min-r2 takes a number, not "high".'],
    [['--k', '2.5'], '--k takes a whole number, not "2.5".'],
    [['--min-r2'], '--min-r2 needs a value.'],
    [['--balanced', 'maybe'], '--balanced is true or false, not "maybe".'],
    [['0.92'], 'Unexpected "0.92"; parameters are written --name value.'],
  ])('refuses %j', (args, message) => {
    expect(() => parseRunParameters(args, declared)).toThrow(message);
  });

  it('reads back every number it is given', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseRunParameters([`--min-r2=${value}`], declared).minR2).toBe(
          Object.is(value, -0) ? 0 : value,
        );
      }),
    );
  });

  it('turns camel case into flags', () => {
    expect(['minR2', 'testShare', 'k'].map(flagOfParameter)).toEqual(['min-r2', 'test-share', 'k']);
  });
});
