import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { OpenApiDocument } from './document.ts';
import { curlExample } from './example.ts';
import { type Operation, type Parameter, readOperations } from './operations.ts';
import { schemaOf } from './schema.ts';
import { renderSchema } from './schema-view.ts';
import { styles } from './styles.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The contract as a page that needs no script: rendered once, readable on a phone and in the dark. */
export async function renderDocumentation(document: OpenApiDocument): Promise<string> {
  const operations = readOperations(document);
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) => [name, schemaOf(schema)] as const,
  );
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${document.info.title} · API</title>
        <style>
          ${raw(styles)}
        </style>
      </head>
      <body>
        <nav aria-label="Contents">
          <a class="home" href="/">${document.info.title}</a>
          ${tags.map(
            (tag) =>
              html`<h2>${tag}</h2>
                <ul>
                  ${operations
                    .filter((operation) => operation.tag === tag)
                    .map(
                      (operation) =>
                        html`<li>
                          <a href="#${operation.id}"><b class="${operation.method}">${operation.method}</b> ${operation.path}</a>
                        </li>`,
                    )}
                </ul>`,
          )}
          <h2><a href="#schemas">Schemas</a></h2>
        </nav>
        <main>
          <h1>${document.info.title} API</h1>
          <p>${prose(document.info.description ?? '')}</p>
          <p><a href="/openapi.json">openapi.json</a> is this page's source (OpenAPI ${document.openapi}).</p>
          ${tags.map(
            (tag) =>
              html`<section>
                <h2>${tag}</h2>
                ${operations.filter((operation) => operation.tag === tag).map(renderOperation)}
              </section>`,
          )}
          <section id="schemas">
            <h2>Schemas</h2>
            ${schemas.map(
              ([name, schema]) =>
                html`<details class="schema" id="schema-${name}">
                  <summary><code>${name}</code></summary>
                  ${renderSchema(schema)}
                </details>`,
            )}
          </section>
        </main>
      </body>
    </html>`;
  return String(await page);
}

function renderOperation(operation: Operation): Html {
  const { id, method, path, summary, description, parameters, body, responses } = operation;
  return html`<article id="${id}">
    <h3><b class="${method}">${method}</b> <code>${path}</code></h3>
    <p>${prose(summary)}</p>
    ${description === undefined ? '' : html`<p class="more">${prose(description)}</p>`}
    ${parameters.length === 0 ? '' : renderParameters(parameters)}
    ${
      body === null
        ? ''
        : html`<h4>Body <small>${body.mediaType}${body.required ? '' : ', optional'}</small></h4>
            ${renderSchema(body.schema)}`
    }
    <h4>Answers</h4>
    <dl class="answers">
      ${responses.map(
        ({ status, description: meaning, mediaType, schema }) =>
          html`<dt class="${status.startsWith('2') ? 'good' : 'bad'}">${status}</dt>
            <dd>
              ${prose(meaning)} ${mediaType === null || !status.startsWith('2') ? '' : html`<small>${mediaType}</small>`}
              ${schema === null || !status.startsWith('2') ? '' : renderSchema(schema)}
            </dd>`,
      )}
    </dl>
    <pre><code>${curlExample(operation)}</code></pre>
  </article>`;
}

const renderParameters = (parameters: readonly Parameter[]): Html =>
  html`<h4>Parameters</h4>
    <dl class="parameters">
      ${parameters.map(
        ({ name, place, required, type, description }) =>
          html`<dt><code>${name}</code> <small>${place}${required ? ', required' : ''}</small></dt>
            <dd><span class="type">${type}</span> ${prose(description)}</dd>`,
      )}
    </dl>`;

/** Backquotes are code; nothing else is marked up. */
const prose = (text: string): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
