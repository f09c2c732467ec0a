import { reportStyle } from './report-style.ts';

/** A page that needs nothing else: no script, no font, no image. `body` is HTML, the title a text. */
export const htmlPage = ({ title, body }: { title: string; body: string }): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
${body}
</body>
</html>
`;

export const number = (value: number): string => value.toLocaleString('en');
export const plural = (n: number, noun: string, nouns = `${noun}s`): string =>
  `${number(n)} ${n === 1 ? noun : nouns}`;
export const percent = (share: number): string => `${share < 0.0001 ? '< 0.01' : (share * 100).toFixed(2)} %`;

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
