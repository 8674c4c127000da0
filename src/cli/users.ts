// `facetdb users …`: the users of a running server (or of an external PostgreSQL). They are PostgreSQL's roles, so
// whatever is done here can be done and seen in SQL as well.

import { FacetError, isFacetError } from '../kernel/errors.ts';
import { type AccessMeasure, Administration, type Role, type RoleAttributes, accessMeasures, parseAccessTarget, randomPassword } from '../server/administration.ts';
import type { Settings } from '../server/options.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { readPassword } from './password-input.ts';
import { type Terminal, colorsFor } from './terminal.ts';

export type UserCommand = (administration: Administration, context: { readonly settings: Settings; readonly terminal: Terminal }) => Promise<void>;

/** Runs one of the commands below on the store that the settings mean. */
export async function manageUsers(settings: Settings, terminal: Terminal, command: UserCommand): Promise<ExitCode> {
  const administration = await Administration.open(settings);
  try {
    await command(administration, { settings, terminal });
    return exitCodes.ok;
  } finally {
    await administration.close();
  }
}

export function listUsers(): UserCommand {
  return async (administration, { settings, terminal }) => {
    const users = await administration.listUsers();
    terminal.stdout.write(settings.json ? `${JSON.stringify(users)}\n` : tableOf(users, terminal));
  };
}

export function addUser(name: string, { passwordStdin, ...attributes }: RoleAttributes & { passwordStdin?: boolean }): UserCommand {
  return async (administration, { settings, terminal }) => {
    const password = await choosePassword(passwordStdin, terminal);
    await administration.addUser({ name, password: password.text, ...attributes });
    report({ done: `User ${name} was added.`, name, password }, { settings, terminal });
  };
}

export function setUserPassword(name: string, { passwordStdin }: { passwordStdin?: boolean }): UserCommand {
  return async (administration, { settings, terminal }) => {
    const password = await choosePassword(passwordStdin, terminal);
    await administration.setPassword({ name, password: password.text });
    report({ done: `The password of ${name} was set.`, name, password }, { settings, terminal });
  };
}

export function removeUser(name: string, { reassignTo }: { reassignTo?: string }): UserCommand {
  return async (administration, { terminal }) => {
    try {
      await administration.removeUser({ name, heir: reassignTo });
    } catch (error) {
      if (!isFacetError(error, 'dependents_exist')) throw error;
      throw new FacetError('dependents_exist', `${error.details}; --reassign-to gives that to another user`, { cause: error });
    }
    terminal.stdout.write(`User ${name} was removed.\n`);
  };
}

export type GrantOptions = { readonly role?: string; readonly database?: string };

/** `words`: `read on shop.orders`; or none, with `--role`. */
export function changeRights(kind: 'grant' | 'revoke', name: string, words: readonly string[], { role, database }: GrantOptions): UserCommand {
  if (role !== undefined) {
    if (words.length > 0 || database !== undefined) throw new FacetError('configuration_invalid', '--role stands alone: a role belongs to the whole server');
    return changeMembership(kind, { role: name, group: role });
  }
  const { measure, on } = parseRight(words);
  const target = parseAccessTarget(on);
  return async (administration, { terminal }) => {
    await administration[kind]({ role: name, measure, target }, database);
    terminal.stdout.write(kind === 'grant' ? `${name} may ${verbs[measure]} ${on}.\n` : `${name} may no longer ${verbs[measure]} ${on}.\n`);
  };
}

const verbs = { read: 'read', write: 'write to', all: 'do everything on' } as const satisfies Record<AccessMeasure, string>;

function changeMembership(kind: 'grant' | 'revoke', membership: { role: string; group: string }): UserCommand {
  return async (administration, { terminal }) => {
    if (kind === 'grant') await administration.grantRole(membership);
    else await administration.revokeRole(membership);
    terminal.stdout.write(`${membership.role} ${kind === 'grant' ? 'has the rights' : 'no longer has the rights'} of ${membership.group}.\n`);
  };
}

function parseRight(words: readonly string[]): { measure: AccessMeasure; on: string } {
  const [measure, on, target, ...rest] = words;
  const isMeasure = accessMeasures.find((known) => known === measure);
  if (isMeasure === undefined || on !== 'on' || target === undefined || rest.length > 0) {
    throw new FacetError('configuration_invalid', `expected "${accessMeasures.join('|')} on SCHEMA[.TABLE]" or "--role ROLE", not "${words.join(' ')}"`);
  }
  return { measure: isMeasure, on: target };
}

type Password = { readonly text: string; readonly isGenerated: boolean };

async function choosePassword(fromStdin: boolean | undefined, terminal: Terminal): Promise<Password> {
  return fromStdin === true ? { text: await readPassword(terminal), isGenerated: false } : { text: randomPassword(), isGenerated: true };
}

/** A password that was made here is shown this once; one that the user gave is not repeated. */
function report({ done, name, password }: { done: string; name: string; password: Password }, { settings, terminal }: { settings: Settings; terminal: Terminal }): void {
  const shown = password.isGenerated ? password.text : undefined;
  if (settings.json) terminal.stdout.write(`${JSON.stringify({ name, password: shown })}\n`);
  else terminal.stdout.write(`${done}\n${shown === undefined ? '' : `Its password, shown only now: ${shown}\n`}`);
}

function tableOf(users: readonly Role[], terminal: Terminal): string {
  const { bold } = colorsFor(terminal, terminal.stdout);
  const rows = users.map((user) => [user.name, describeRole(user), user.memberOf.join(', ')]);
  const width = (column: number): number => Math.max(...[['NAME', 'MAY', 'MEMBER OF'], ...rows].map((row) => row[column]!.length));
  const line = (cells: readonly string[]): string => `${cells[0]!.padEnd(width(0))}  ${cells[1]!.padEnd(width(1))}  ${cells[2]}`.trimEnd();
  return `${[bold(line(['NAME', 'MAY', 'MEMBER OF'])), ...rows.map(line)].join('\n')}\n`;
}

function describeRole({ superuser, createRole, createDatabase, canLogin, validUntil }: Role): string {
  const abilities = [
    superuser && 'everything',
    !superuser && canLogin && 'log in',
    !superuser && createRole && 'create roles',
    !superuser && createDatabase && 'create databases',
    validUntil !== undefined && `until ${validUntil.toISOString()}`,
  ];
  return abilities.filter((ability) => ability !== false).join(', ') || '-';
}
