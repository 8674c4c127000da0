// Set commands about single members: adding, removing, asking, moving, random picks.

import {
  type Element, addMembers, randomDistinct, randomElement, randomWithRepeats, removeMembers, rowsOfSet, together,
} from '../../../facets/keyvalue/index.ts';
import { positiveArgument, randomCountArgument } from '../arguments.ts';
import type { KeyCommand } from '../command.ts';
import { scanCollection } from '../element-scan.ts';
import { redisErrors } from '../redis-error.ts';
import { Listing } from '../reply.ts';

export const sadd: KeyCommand = ({ unit, space }, [key, ...members]) => {
  const entry = unit.findKind(space, key!, 'set') ?? unit.entry(space, key!);
  const added = addMembers(unit, entry, members);
  if (added > 0) unit.note(space, 's', 'sadd', key!);
  return added;
};

export const srem: KeyCommand = ({ unit, space }, [key, ...members]) => {
  const entry = unit.findKind(space, key!, 'set');
  if (entry === undefined) return 0;
  const removed = removeMembers(unit, entry, members);
  if (removed > 0) unit.note(space, 's', 'srem', key!);
  if (entry.kind === undefined) unit.note(space, 'g', 'del', key!);
  return removed;
};

export const scard: KeyCommand = ({ unit, space }, [key]) => unit.findKind(space, key!, 'set')?.size ?? 0;

export const sismember: KeyCommand = ({ unit, space }, [key, member]) => {
  const entry = unit.findKind(space, key!, 'set');
  return entry !== undefined && unit.element(entry, member!) !== undefined ? 1 : 0;
};

export const smismember: KeyCommand = ({ unit, space }, [key, ...members]) => {
  const entry = unit.findKind(space, key!, 'set');
  if (entry === undefined) return members.map(() => 0);
  return unit.elementsOf(entry, members).map((element) => (element === undefined ? 0 : 1));
};

export const smembers: KeyCommand = ({ unit, space }, [key]) => {
  const entry = unit.findKind(space, key!, 'set');
  if (entry === undefined) return new Set();
  const rows = rowsOfSet(unit, entry);
  return rows === undefined ? new Set(unit.allElements(entry).map(memberOf)) : new Listing(rows, 'set');
};

export const smove: KeyCommand = ({ unit, space }, [sourceKey, destinationKey, member]) => {
  const [source, destination] = together([sourceKey!, destinationKey!], (key) => unit.entry(space, key));
  if (source!.kind === undefined) return 0;
  if (source!.kind !== 'set' || (destination!.kind ?? 'set') !== 'set') throw redisErrors.wrongType;
  const [held, present] = together([source!, destination!], (entry) => (entry.kind === undefined ? undefined : unit.element(entry, member!)));
  if (source === destination) return held === undefined ? 0 : 1;
  if (held === undefined) return 0;
  unit.prepareCollection();
  removeMembers(unit, source!, [member!]);
  unit.note(space, 's', 'srem', sourceKey!);
  if (source!.kind === undefined) unit.note(space, 'g', 'del', sourceKey!);
  if (present !== undefined) return 1;
  addMembers(unit, destination!, [member!]);
  unit.note(space, 's', 'sadd', destinationKey!);
  return 1;
};

export const spop: KeyCommand = ({ unit, space }, args) => {
  const [key, countText] = args;
  if (args.length > 2) throw redisErrors.syntax;
  const count = countText === undefined ? undefined : positiveArgument(countText);
  const entry = unit.findKind(space, key!, 'set');
  if (entry === undefined) return count === undefined ? null : new Set();
  if (count === 0) return new Set();
  const picked = count === undefined ? [randomElement(unit, entry)] : randomDistinct(unit, entry, count);
  if (picked.length === entry.size) unit.remove(entry);
  else for (const { member } of picked) unit.removeElement(entry, member);
  unit.note(space, 's', 'spop', key!);
  if (entry.kind === undefined) unit.note(space, 'g', 'del', key!);
  return count === undefined ? picked[0]!.member : new Set(picked.map(memberOf));
};

export const srandmember: KeyCommand = ({ unit, space }, args) => {
  const [key, countText] = args;
  if (args.length > 2) throw redisErrors.syntax;
  const count = countText === undefined ? undefined : randomCountArgument(countText);
  const entry = unit.findKind(space, key!, 'set');
  if (entry === undefined) return count === undefined ? null : [];
  if (count === undefined) return randomElement(unit, entry).member;
  if (count < 0) return randomWithRepeats(unit, entry, -count).map(memberOf);
  return randomDistinct(unit, entry, count).map(memberOf);
};

export const sscan: KeyCommand = (context, args) => scanCollection(context, 'set', args, ({ member }) => [member]);

function memberOf({ member }: Element): Buffer {
  return member;
}
