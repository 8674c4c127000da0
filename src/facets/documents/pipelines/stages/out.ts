// $out.

import { typeNameOf } from '../../../../values/bson/types.ts';
import type { Document, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import { assertCollectionName } from '../nested-pipelines.ts';
import { nowhereNested } from '../stage.ts';
import type { Batches, CollectionName, OutStage, PipelineEnvironment, StageContext, StageKind } from '../stage.ts';
import { readArguments } from '../stage-arguments.ts';

const internalDatabases: ReadonlySet<string> = new Set(['admin', 'config', 'local']);

type Target = { readonly target: CollectionName; readonly options?: Document };

function parseOut(argument: Value, context: StageContext): OutStage {
  const { target, options } = readTarget(argument, context);
  if (target.collection.startsWith('system.')) throw new DocumentError(17385, `Can't $out to special collection: ${target.collection}`);
  if (internalDatabases.has(target.database)) throw new DocumentError(31321, `Can't $out to internal database: ${target.database}`);
  return { name: '$out', target, run: (input, environment) => writeAll(input, target, options, environment) };
}

function readTarget(argument: Value, context: StageContext): Target {
  const read = readArgument(argument, context);
  assertCollectionName('Invalid $out target namespace', read.target);
  return read;
}

function readArgument(argument: Value, { database }: StageContext): Target {
  if (typeof argument === 'string') return { target: { database, collection: argument } };
  if (!(argument instanceof Map)) throw new DocumentError(16990, `$out only supports a string or object argument, but found ${typeNameOf(argument)}`);
  const given = readArguments('$out', argument, {
    coll: { types: ['string'], required: true },
    db: { types: ['string'], required: true },
    timeseries: { types: ['object'] },
  });
  const target = { database: given.get('db') as string, collection: given.get('coll') as string };
  return given.has('timeseries') ? { target, options: new Map([['timeseries', given.get('timeseries')!]]) } : { target };
}

async function* writeAll(input: Batches, target: CollectionName, options: Document | undefined, { writer }: PipelineEnvironment): Batches {
  await writer.replaceAll(target, input, options);
  yield* [];
}

export const outStage: StageKind = {
  name: '$out',
  survey(argument, context) {
    readTarget(argument, context);
    return [];
  },
  parse: parseOut,
  position: 'last',
  places: nowhereNested,
  allowedInTransaction: false,
  examples: [
    { stage: '"b"', input: '[{"a": 1}]', result: '[]' },
    { stage: '{"db": "d", "coll": "c"}', input: '[]', result: '[]' },
    { stage: '1', error: 16990 },
    { stage: '{"db": "d"}', error: 40414 },
    { stage: '{"db": "d", "coll": "c", "x": 1}', error: 40415 },
    { stage: '{"db": 1, "coll": "c"}', error: 14 },
    { stage: '""', error: 73 },
    { stage: '"system.x"', error: 17385 },
    { stage: '{"db": "admin", "coll": "c"}', error: 31321 },
  ],
};
