// $group, and $sortByCount, which is a $group and a $sort.

import { hashKeyOf } from '../../../../values/bson/compare.ts';
import { Int32, int32, isNumeric } from '../../../../values/bson/types.ts';
import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Expression, ParseContext, Scope } from '../../expressions/expression.ts';
import { constantExpression } from '../../expressions/constant-folding.ts';
import { parseExpression } from '../../expressions/parse.ts';
import { parseSort } from '../../sorts/parse-sort.ts';
import type { Accumulation, AccumulatorState } from '../accumulators/accumulator.ts';
import { parseAccumulation } from '../accumulators/parse-accumulation.ts';
import { assertRunning, batchesOf } from '../batches.ts';
import { approximateSizeOf, newSpillingAccount, type SpillingAccount } from '../memory.ts';
import { everywhere } from '../stage.ts';
import type { Batches, GroupStage, PipelineEnvironment, Stage, StageContext, StageKind } from '../stage.ts';
import { newSortStage } from './sort.ts';
import { SpilledGroups, mostRounds } from './spilled-groups.ts';

function parseGroup(argument: Value, { expressions }: StageContext): GroupStage {
  if (!(argument instanceof Map)) throw new DocumentError(15947, "a group's fields must be specified in an object");
  let id: Expression | undefined;
  const accumulations: Accumulation[] = [];
  for (const [field, value] of argument) {
    if (field === '_id') id = parseGroupId(value, expressions);
    else accumulations.push(parseAccumulation(field, value, expressions));
  }
  if (!id) throw new DocumentError(15955, 'a group specification must include an _id');
  return newGroupStage(id, accumulations);
}

function parseGroupId(value: Value, context: ParseContext): Expression {
  const [first] = value instanceof Map ? value.keys() : [];
  if (value instanceof Map && first !== undefined && !first.startsWith('$')) {
    for (const field of value.values()) {
      if (isNumeric(field) || typeof field === 'boolean') throw new DocumentError(17390, '$group does not support inclusion-style expressions');
    }
    if (value.size === 1) return singleField(first, value, context);
  }
  return parseExpression(value, context);
}

/** The only field of an id is null where it is missing, as the whole id is; one of several is left out (SERVER-21992). */
function singleField(name: string, value: Document, context: ParseContext): Expression {
  const parsed = parseExpression(value, context);
  const complete = (id: Maybe): Document => (id instanceof Map && id.size === 1 ? id : new Map([[name, null]]));
  if (parsed.constant) return constantExpression(complete(parsed.constant.value));
  return { ...parsed, evaluate: (scope) => complete(parsed.evaluate(scope)) };
}

export function newGroupStage(id: Expression, accumulations: readonly Accumulation[]): GroupStage {
  return { name: '$group', id, accumulations, run: (input, environment) => runGroup(input, { id, accumulations }, environment) };
}

/** `account` is that of the round which the group is in. */
type Group = { readonly id: Value; readonly states: AccumulatorState[]; account: SpillingAccount };

/** Long strings are slow keys: see `hashKeyOf`. */
const longestText = 1_000;

/**
 * Finds the group of an id; undefined for a new one where there is no more room. Strings and numbers, which are most
 * ids, are looked up as they are after the first time.
 */
class Groups {
  private readonly all = new Map<string, Group>();
  private readonly byText = new Map<string, Group>();
  private readonly byNumber = new Map<number, Group>();
  private readonly newGroup: (id: Value) => Group | undefined;

  constructor(known: readonly Group[], newGroup: (id: Value) => Group | undefined) {
    this.newGroup = newGroup;
    for (const group of known) this.all.set(hashKeyOf(group.id), group);
  }

  /** All groups, of which it keeps none. */
  take(): Group[] {
    const groups = [...this.all.values()];
    for (const map of [this.all, this.byText, this.byNumber]) map.clear();
    return groups;
  }

  of(id: Value): Group | undefined {
    if (typeof id === 'string' && id.length <= longestText) return this.byText.get(id) ?? this.remember(this.byText, id, id);
    if (typeof id === 'number') return this.byNumber.get(id) ?? this.remember(this.byNumber, id, id);
    if (id instanceof Int32) return this.byNumber.get(id.value) ?? this.remember(this.byNumber, id.value, id);
    return this.byHash(id);
  }

  private remember<Key>(known: Map<Key, Group>, key: Key, id: Value): Group | undefined {
    const group = this.byHash(id);
    if (group) known.set(key, group);
    return group;
  }

  private byHash(id: Value): Group | undefined {
    const key = hashKeyOf(id);
    const known = this.all.get(key);
    if (known) return known;
    const group = this.newGroup(id);
    if (group) this.all.set(key, group);
    return group;
  }
}

type Grouping = { readonly id: Expression; readonly accumulations: readonly Accumulation[] };

/**
 * Documents of groups that there is no room for are put aside in parts, and grouped part by part; where groups grow with their
 * documents, those of all groups. `known` are a part's groups that have come into being before.
 */
async function* runGroup(input: Batches, grouping: Grouping, environment: PipelineEnvironment, round = 0, known: readonly Group[] = []): Batches {
  const { id, accumulations } = grouping;
  const memory = newSpillingAccount('$group', round < mostRounds ? environment : { ...environment, newSpill: undefined });
  const isGathering = accumulations.some((accumulation) => accumulation.isGathering);
  for (const group of known) group.account = memory;
  const groups = new Groups(known, (value) => {
    if (!memory.isWithin) return undefined;
    memory.add(approximateSizeOf(value) + 64 + 48 * accumulations.length);
    return newGroup(value, accumulations, { memory, environment });
  });
  const inputs = accumulations.map((accumulation) => accumulation.input);
  const spilled = new SpilledGroups(environment, round);
  try {
    for await (const batch of input) {
      assertRunning(environment);
      for (const document of batch) {
        const scope = environment.scopeFor(document);
        const value = id.evaluate(scope) ?? null;
        const group = isGathering && !memory.isWithin ? undefined : groups.of(value);
        if (group) addToGroup(group, inputs, scope);
        else spilled.add(value, document);
      }
      if (!memory.isWithin) await spilled.flush();
    }
    if (!isGathering || !spilled.isUsed) yield* batchesOf(resultsOf(groups.take(), accumulations));
    const parts = spilled.parts().map((documents): { readonly documents: Batches; known: Group[] } => ({ documents, known: [] }));
    for (const group of groups.take()) parts[spilled.partOf(group.id)]!.known.push(group);
    for (const part of parts) {
      yield* runGroup(part.documents, grouping, environment, round + 1, part.known);
      part.known = [];
    }
  } finally {
    await spilled.close();
  }
}

function newGroup(id: Value, accumulations: readonly Accumulation[], { memory, environment }: { readonly memory: SpillingAccount; readonly environment: PipelineEnvironment }): Group {
  const scope = environment.scopeFor(id instanceof Map ? id : new Map());
  const group: Group = { id, states: [], account: memory };
  const onBytes = (bytes: number): void => void group.account.add(bytes);
  for (const { newState } of accumulations) group.states.push(newState(scope, onBytes));
  return group;
}

function addToGroup({ states }: Group, inputs: readonly ((scope: Scope) => Maybe)[], scope: Scope): void {
  for (let index = 0; index < states.length; index += 1) states[index]!.add(inputs[index]!(scope));
}

function* resultsOf(groups: Iterable<Group>, accumulations: readonly Accumulation[]): Iterable<Document> {
  for (const { id, states } of groups) {
    const document: Document = new Map([['_id', id]]);
    for (const [index, { field }] of accumulations.entries()) document.set(field, states[index]!.result() ?? null);
    yield document;
  }
}

export const groupStage: StageKind = {
  name: '$group',
  parse: parseGroup,
  places: everywhere,
  examples: [
    { stage: '{"_id": "$a", "n": {"$sum": 1}}', input: '[{"a": 1}, {"a": 2}, {"a": {"$numberDouble": "1.0"}}]', result: '[{"_id": 1, "n": 2}, {"_id": 2, "n": 1}]' },
    { stage: '{"_id": null, "s": {"$sum": "$a"}, "p": {"$push": "$a"}}', input: '[{"a": 1}, {"a": 2}]', result: '[{"_id": null, "s": 3, "p": [1, 2]}]' },
    { stage: '{"_id": "$b"}', input: '[{"a": 1}, {"b": null}]', result: '[{"_id": null}]' },
    { stage: '{"_id": {"x": "$a", "y": "$b"}}', input: '[{"a": 1}, {"a": 1}, {"a": 1, "b": null}]', result: '[{"_id": {"x": 1}}, {"_id": {"x": 1, "y": null}}]' },
    { stage: '{"_id": "$k", "t": {"$firstN": {"n": "$n", "input": "$a"}}}', input: '[{"k": {"n": 1}, "a": 5}, {"k": {"n": 1}, "a": 6}]', result: '[{"_id": {"n": 1}, "t": [5]}]' },
    { stage: '{"_id": {"x": "$a"}, "n": {"$sum": 1}}', input: '[{}, {"a": null}, {"a": 1}]', result: '[{"_id": {"x": null}, "n": 2}, {"_id": {"x": 1}, "n": 1}]' },
    { stage: '{"_id": {"x": "$$REMOVE"}}', input: '[{}]', result: '[{"_id": {"x": null}}]' },
    { stage: '{"_id": null}', input: '[]', result: '[]' },
    { stage: '1', error: 15947 },
    { stage: '{"n": {"$sum": 1}}', error: 15955 },
    { stage: '{"_id": {"a": 1}}', error: 17390 },
    { stage: '{"_id": null, "n": 1}', error: 40234 },
    { stage: '{"_id": null, "n": {}}', error: 40234 },
    { stage: '{"_id": null, "a.b": {"$sum": 1}}', error: 40235 },
    { stage: '{"_id": null, "$a": {"$sum": 1}}', error: 40236 },
    { stage: '{"_id": null, "a": {"$sum": 1, "$avg": 1}}', error: 40238 },
    { stage: '{"_id": null, "a": {"$foo": 1}}', error: 15952 },
    { stage: '{"_id": null, "a": {"$rank": {}}}', error: 15952 },
    { stage: '{"_id": null, "a": {"$sum": [1, 2]}}', error: 40237 },
  ],
};

function parseSortByCount(argument: Value, context: StageContext): readonly Stage[] {
  const text = 'the sortByCount field must be defined as a $-prefixed path or an expression inside an object';
  if (argument instanceof Map) {
    const [first] = argument.keys();
    if (!first?.startsWith('$')) throw new DocumentError(40147, text);
  } else if (typeof argument !== 'string') {
    throw new DocumentError(40149, 'the sortByCount field must be specified as a string or as an object');
  } else if (!argument.startsWith('$')) {
    throw new DocumentError(40148, text);
  }
  const count = parseAccumulation('count', new Map([['$sum', int32(1)]]), context.expressions);
  return [newGroupStage(parseExpression(argument, context.expressions), [count]), newSortStage(parseSort(new Map([['count', int32(-1)]])))];
}

export const sortByCountStage: StageKind = {
  name: '$sortByCount',
  parse: parseSortByCount,
  places: everywhere,
  examples: [
    { stage: '"$a"', input: '[{"a": 1}, {"a": 2}, {"a": 2}]', result: '[{"_id": 2, "count": 2}, {"_id": 1, "count": 1}]' },
    { stage: '{}', error: 40147 },
    { stage: '"a"', error: 40148 },
    { stage: '1', error: 40149 },
  ],
};
