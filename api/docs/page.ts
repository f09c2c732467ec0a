import type { OpenApiDocument } from './document.ts';
export const renderDocumentation = (document: OpenApiDocument): string =>
  `<!doctype html>${document.info.title}`;
