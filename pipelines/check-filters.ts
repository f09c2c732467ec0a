import type { Pipeline } from '../contracts/pipeline.ts';
import type { FilterDeclaration } from '../contracts/tables.ts';
import { type Fault, unknownName } from './fault.ts';

type Side = 'from' | 'to';

/** What a table's filters name: its columns, and parameters of the run that bound columns of their type. */
export function checkFilters(pipeline: Pipeline): Fault[] {
  return Object.entries(pipeline.tables).flatMap(([table, { filters = {}, columns }]) =>
    Object.entries(filters).flatMap(([rule, filter]): Fault[] => {
      const path = ['tables', table, 'filters', rule];
      const type = columns[filter.column]?.type;
      if (type === undefined)
        return unknownName([...path, 'column'], 'column', filter.column, Object.keys(columns));
      const { oneOf, from, to } = filter;
      if (oneOf === undefined && from === undefined && to === undefined)
        return [{ path, message: 'needs oneOf, from or to: it leaves no row out' }];
      return (['from', 'to'] as const).flatMap((side) => checkBound(pipeline, { path, side, filter, type }));
    }),
  );
}

function checkBound(
  { parameters }: Pipeline,
  of: { path: Fault['path']; side: Side; filter: FilterDeclaration; type: string },
): Fault[] {
  const { side, type } = of;
  const bound = of.filter[side];
  if (bound === undefined) return [];
  const path = [...of.path, side];
  const wanted = boundTypes[type];
  if (wanted === undefined)
    return [{ path, message: `"${of.filter.column}" is a ${type}, which has no order; use oneOf` }];
  if (typeof bound !== 'object')
    return typeof bound === wanted.literal
      ? []
      : [{ path, message: `${JSON.stringify(bound)} is no bound of a ${type}` }];
  const parameter = parameters[bound.parameter];
  if (parameter === undefined)
    return unknownName([...path, 'parameter'], 'parameter', bound.parameter, Object.keys(parameters));
  return wanted.parameters.includes(parameter.type)
    ? []
    : [
        {
          path: [...path, 'parameter'],
          message: `parameter "${bound.parameter}" is a ${parameter.type}, needed for a ${type}: ${wanted.parameters.join(' or ')}`,
        },
      ];
}

const ofNumbers = { literal: 'number', parameters: ['number', 'integer'] };
const ofDays = { literal: 'string', parameters: ['date'] };
const boundTypes: Readonly<Record<string, { literal: string; parameters: readonly string[] } | undefined>> = {
  integer: ofNumbers,
  number: ofNumbers,
  date: ofDays,
  timestamp: ofDays,
};
