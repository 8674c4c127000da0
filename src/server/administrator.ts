// The administrator of a new store: the role `facet` and its password file. The file is written before the role is made, so
// that a start that is interrupted between the two is finished by the next one. What a user changed since is left alone.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { addRole, findLogin, setPassword } from '../access/roles.ts';
import { parseVerifier, verifyPassword } from '../access/scram-verifier.ts';
import type { Engine } from '../engine/engine.ts';
import { writeFileAtomically } from '../engine/process/atomic-file.ts';
import { onFolder } from '../engine/process/folder-error.ts';
import { quoteIdentifier } from '../engine/quoting.ts';
import { systemErrorCode } from '../kernel/errors.ts';
import { serverLimits } from './limits.ts';

export const administratorRole = 'facet';

export type Administrator = {
  /** Undefined where the role was removed. */
  readonly role: string | undefined;
  /** Undefined where none is needed, or the file's no longer fits. */
  readonly password: string | undefined;
  /** What the user should know: why the URL has no password, and what to do. */
  readonly note: string | undefined;
};

export type AdministratorOptions = {
  readonly engine: Engine;
  readonly passwordFile: string;
  readonly authentication: 'scram' | 'none';
};

/** Makes the administrator where the store is new, and tells how to log in as it. */
export async function ensureAdministrator(options: AdministratorOptions): Promise<Administrator> {
  const { engine, authentication } = options;
  const login = await findLogin(engine.systemPool, administratorRole);
  if (login === undefined) {
    if (!(await isUnclaimed(engine))) return { role: undefined, password: undefined, note: `the role ${administratorRole} was removed: log in as another` };
    return await createAdministrator(options);
  }
  if (authentication === 'none') return { role: administratorRole, password: undefined, note: undefined };
  const password = await readPasswordFile(options.passwordFile);
  if (login.verifier === null && password === undefined) return await givePassword(options);
  if (password !== undefined && (await fits(password, login.verifier))) return { role: administratorRole, password, note: undefined };
  return { role: administratorRole, password: undefined, note: `the password of ${administratorRole} was changed since FacetDB made it; "facetdb users password ${administratorRole}" sets a new one` };
}

/** Keeps a new password of the administrator where the next start finds it. Readable by the file's owner only. */
export async function writePasswordFile(file: string, password: string): Promise<void> {
  await onFolder(file, () => writeFileAtomically(file, `${password}\n`, { mode: 0o600 }));
}

/** A password that nobody can guess, of characters that need no quoting anywhere. */
export function randomPassword(): string {
  return randomBytes(serverLimits.passwordRandomBytes).toString('base64url');
}

/**
 * The database still belongs to FacetDB's own role: nobody has finished making the administrator. (Where it was made and
 * then removed, the database had to be given to someone else first, and a superuser must not come back by itself.)
 */
async function isUnclaimed(engine: Engine): Promise<boolean> {
  const rows = await engine.systemPool.query('select 1 from pg_database d join pg_roles r on r.oid = d.datdba where d.datname = $1 and r.rolname = $2', [engine.database, engine.ownRole]);
  return rows.length > 0;
}

async function createAdministrator({ engine, passwordFile, authentication }: AdministratorOptions): Promise<Administrator> {
  const password = authentication === 'scram' ? await readOrMakePassword(passwordFile) : undefined;
  await engine.systemPool.transaction({}, async (transaction) => {
    await addRole(transaction, { name: administratorRole, superuser: true, ...(password === undefined ? {} : { password }) });
    await transaction.command(`alter database ${quoteIdentifier(engine.database)} owner to ${quoteIdentifier(administratorRole)}`);
  });
  return { role: administratorRole, password, note: undefined };
}

/** The store was made with --no-auth, and now a password is needed. */
async function givePassword({ engine, passwordFile }: AdministratorOptions): Promise<Administrator> {
  const password = await readOrMakePassword(passwordFile);
  await setPassword(engine.systemPool, { name: administratorRole, password });
  return { role: administratorRole, password, note: undefined };
}

async function readOrMakePassword(file: string): Promise<string> {
  const kept = await readPasswordFile(file);
  if (kept !== undefined) return kept;
  const password = randomPassword();
  await writePasswordFile(file, password);
  return password;
}

async function readPasswordFile(file: string): Promise<string | undefined> {
  return await onFolder(file, async () => {
    try {
      const password = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
      return password === '' ? undefined : password;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}

async function fits(password: string, verifierText: string | null): Promise<boolean> {
  const verifier = parseVerifier(verifierText ?? '');
  return verifier !== undefined && (await verifyPassword(password, verifier)) !== undefined;
}
