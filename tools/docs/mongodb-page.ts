// docs/compatibility/mongodb.md, from the registries of commands, stages and operators.

import type { Operator } from '../../src/facets/documents/expressions/expression.ts';
import { operatorsByName } from '../../src/facets/documents/expressions/registry.ts';
import { unsupportedByName } from '../../src/facets/documents/filters/unsupported.ts';
import { stagesByName } from '../../src/facets/documents/pipelines/stages/registry.ts';
import { unsupportedStages } from '../../src/facets/documents/pipelines/unsupported-stages.ts';
import type { Command } from '../../src/protocols/mongodb/command.ts';
import type { Field } from '../../src/protocols/mongodb/fields.ts';
import { commands } from '../../src/protocols/mongodb/registry.ts';
import { unsupportedCommands } from '../../src/protocols/mongodb/unsupported-commands.ts';

export function mongodbPage(): string {
  const sorted = commands.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const expressions = [...operatorsByName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return `# MongoDB: what is supported

FacetDB answers MongoDB drivers as a replica set of one node with MongoDB 7.0 does. What is not supported is refused by an
error that says why; no option is accepted and ignored, but for those that mean nothing on one node, listed below.

## What differs on purpose

- Users are PostgreSQL roles, logged in by SCRAM-SHA-256; PostgreSQL's grants decide what they may do.
- A database is a schema, a collection a table \`(id, doc, bson)\` in it: \`select doc->>'title' from shop.movies\`. What SQL
  changes is seen by the next read. Schemas of PostgreSQL and of FacetDB itself are no databases.
- Tables and views that SQL has made are collections as well: rows are documents, the primary key is \`_id\`, constraints answer as validation does (121). To define them is
  SQL's. The keys of Redis clients are the collection \`entries\` of \`keyspace0\` …, to be read. See [documents](../documents.md).
- A write is durable when it is acknowledged, whatever the write concern. \`w\` above 1 gets the error of a replica set that
  is too small, with the write done.
- Read concerns \`local\`, \`available\`, \`majority\` and \`linearizable\` are one on one node. Reads of a
  snapshot outside of transactions go to one of six that a role may have at once, for five minutes each, in the gateway that
  took it; then SnapshotTooOld (239).
- A transaction reads one snapshot; who meets another's change gets WriteConflict (112), at once or at the latest after 5 ms.
- The \`$recordId\` of \`showRecordId\` is a document's number in the order of insertion; of a row of a table its place, which changes with an update.
- A statement of a write is done as a whole or not at all: where an \`update\` with \`multi: true\` or a \`delete\` fails midway, no document is
  changed by it; MongoDB keeps what it had changed until then.
- \`$currentOp\` lists the operations of this gateway; with \`allUsers\` for PostgreSQL's superusers only.
- Strings are compared by their bytes; collations are refused.
- Regular expressions match as PCRE2's do; \`\\C\`, lookarounds that are not atomic, script runs, \`(*SKIP:name)\` and settings of line breaks are
  refused (51091, 51111). A match that takes too long, or that could go back to too many places, ends with an error (51156).
- Without a sort, documents come in the order of insertion, or of the index that the filter is looked up in, as in MongoDB; among the many of a large collection with one indexed value, in that of their rows, which updates change.
- A unique index over arrays lets no two documents share an element; in a transaction of several statements it does not see what others have committed since it began.
- A unique index does not tell documents in arrays apart by the order of their fields: as elements, \`{a: 1, b: 2}\` and \`{b: 2, a: 1}\` are one value to it.
- With \`min\` and \`max\`, a document that an array gives several entries in the index comes in the place of its first one, within the bounds or not.

## Commands

| command | what it does | ignored fields | unsupported fields |
|---|---|---|---|
${sorted.map(commandRow).join('\n')}

### Not supported

| command | reason |
|---|---|
${[...unsupportedCommands].map(([name, { reason }]) => `| ${name} | ${reason} |`).join('\n')}

## Aggregation stages

${[...stagesByName.keys()].toSorted().map(code).join(', ')}

| not supported | reason |
|---|---|
${[...unsupportedStages].map(([name, reason]) => `| ${code(name)} | ${reason} |`).join('\n')}

## Expression operators

${expressions.filter((operator) => unsupportedRow(operator) === undefined).map(({ name }) => code(name)).join(', ')}

| not supported | reason |
|---|---|
${expressions.flatMap((operator) => unsupportedRow(operator) ?? []).join('\n')}

## Query operators that are not supported

| operator | reason |
|---|---|
${[...unsupportedByName].map(([name, { reason }]) => `| ${code(name)} | ${reason} |`).join('\n')}
`;
}

function commandRow({ name, summary, fields }: Command): string {
  return `| ${name} | ${summary} | ${namesOf(fields, 'ignored')} | ${namesOf(fields, 'unsupported')} |`;
}

function namesOf(fields: Readonly<Record<string, Field<unknown>>>, fate: Field<unknown>['fate']): string {
  return Object.entries(fields).filter(([, field]) => field.fate === fate).map(([name]) => code(name)).join(', ');
}

function code(name: string): string {
  return `\`${name}\``;
}

function unsupportedRow(operator: Operator): string | undefined {
  return 'unsupported' in operator && operator.unsupported ? `| ${code(operator.name)} | ${operator.unsupported} |` : undefined;
}
