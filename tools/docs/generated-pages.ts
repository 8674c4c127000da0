// The pages of docs/ that are made from the code.

import { commandLinePage } from './command-line-page.ts';
import { configurationPage } from './configuration-page.ts';
import { errorsPage } from './errors-page.ts';
import { mongodbPage } from './mongodb-page.ts';
import { redisPage } from './redis-page.ts';

export type GeneratedPage = { readonly file: string; readonly text: string };

export function generatedPages(): GeneratedPage[] {
  return [
    { file: 'docs/command-line.md', text: marked(commandLinePage()) },
    { file: 'docs/configuration.md', text: marked(configurationPage()) },
    { file: 'docs/errors.md', text: marked(errorsPage()) },
    { file: 'docs/compatibility/mongodb.md', text: marked(mongodbPage()) },
    { file: 'docs/compatibility/redis.md', text: marked(redisPage()) },
  ];
}

function marked(text: string): string {
  return `<!-- Made by tools/generate-docs.ts: changes made here are lost. -->\n\n${text}`;
}
