import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { refName, type Schema, schemaOf, typeName } from './schema.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** A schema as a list of its fields; named ones are linked, not repeated. */
export function renderSchema(schema: Schema): Html {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return html`<p class="type">${renderType(schema)}</p>`;
  return html`<ul class="fields">
    ${fields.map(({ name, field, isRequired }) => {
      const nested = nestedOf(field);
      return html`<li>
        <code>${name}</code>${isRequired ? '' : html`<small>optional</small>`} <span class="type">${renderType(field)}</span>
        ${field.description === undefined ? '' : html`<p>${field.description}</p>`}
        ${nested === null ? '' : renderSchema(nested)}
      </li>`;
    })}
  </ul>`;
}

function fieldsOf(schema: Schema): { name: string; field: Schema; isRequired: boolean }[] {
  const inherited = (schema.allOf ?? []).map(schemaOf).flatMap(fieldsOf);
  const own = Object.entries(schema.properties ?? {}).map(([name, given]) => {
    const field = schemaOf(given);
    return {
      name,
      field,
      isRequired: field.default === undefined && (schema.required ?? []).includes(name),
    };
  });
  return [...inherited, ...own];
}

/** The fields inside a field that has no name of its own. */
function nestedOf(field: Schema): Schema | null {
  if (field.properties !== undefined) return field;
  const inner = field.items ?? field.additionalProperties;
  const nested = schemaOf(inner);
  return nested.properties === undefined ? null : nested;
}

/** Named schemas among its parts are links. */
function renderType(schema: Schema): Html {
  const ref = refOf(schema);
  const text =
    typeName(schema) + (schema.default === undefined ? '' : `, default ${JSON.stringify(schema.default)}`);
  return ref === null ? html`${text}` : html`<a href="#schema-${ref}">${text}</a>`;
}

function refOf(schema: Schema): string | null {
  if (schema.$ref !== undefined) return refName(schema.$ref);
  const parts = [schema.items, ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].map(schemaOf);
  return (
    parts
      .map(({ $ref }) => $ref)
      .find((ref) => ref !== undefined)
      ?.split('/')
      .at(-1) ?? null
  );
}
