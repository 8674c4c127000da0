// The data folder: whose it is, what is in it, and that one FacetDB at a time works on it. What PostgreSQL keeps in
// `postgres/` is cluster.ts' affair. A folder that is not ours is left exactly as it was found.
//
//   facetdb.json            marks the folder as FacetDB's, with the format of this layout
//   lock/                   who works on the folder
//   server.json             the running server's process and addresses
//   administrator-password  the first administrator's password
//   postgres/               PostgreSQL's cluster (PGDATA)
//   run/                    PostgreSQL's private socket
//   tls/                    copies of the certificate and key that PostgreSQL can read

import { chmod, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FacetError, systemErrorCode } from '../../kernel/errors.ts';
import { version } from '../../kernel/version.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { onFolder } from './folder-error.ts';
import { FolderLock, lockHolder } from './folder-lock.ts';
import { assertProgramsRun } from './program.ts';
import { blockingFolder, isRoot, type SystemUser, userForPostgres, userWithId } from './system-user.ts';

/** The major version of PostgreSQL that comes with this FacetDB. */
const postgresMajorVersion = '18';

/** The format of the folder's layout, one higher with every change that an older FacetDB could not cope with. */
const layoutFormat = 1;

const markerName = 'facetdb.json';
const stateName = 'server.json';

export type DataFolderOptions = {
  /** Make the folder, or make an empty one FacetDB's. By default true. */
  readonly mayCreate?: boolean;
};

/** What a running server tells other programs: where it answers, without passwords. */
export type ServerState = {
  readonly pid: number;
  readonly version: string;
  readonly startedAt: string;
  readonly urls: Record<string, string>;
};

export class DataFolder {
  /** Absolute. */
  readonly path: string;
  readonly administratorPasswordFile: string;
  /** PGDATA. */
  readonly postgresDir: string;
  /** The user of the operating system that PostgreSQL runs as here. */
  readonly postgresUser: SystemUser;
  readonly #lock: FolderLock;

  private constructor(path: string, postgresUser: SystemUser, lock: FolderLock) {
    this.path = path;
    this.administratorPasswordFile = join(path, 'administrator-password');
    this.postgresDir = join(path, 'postgres');
    this.postgresUser = postgresUser;
    this.#lock = lock;
  }

  /**
   * Opens the folder for this process alone, and makes it where that is allowed. Errors: `data_folder_foreign`,
   * `data_folder_version` and `store_too_new` (all leave it untouched), `data_folder_in_use`,
   * `data_folder_unreachable`, `data_folder_unwritable`, `disk_full`; `not_running` where it may not be made,
   * `platform_unsupported` where there is nothing to make it with.
   */
  static async open(path: string, { mayCreate = true }: DataFolderOptions = {}): Promise<DataFolder> {
    const absolute = resolve(path);
    return onFolder(absolute, async () => {
      const found = await inspect(absolute);
      if (found !== 'made' && !mayCreate) throw new FacetError('not_running', `there is no FacetDB data folder at ${absolute}`);
      const user = postgresUserOf(absolute);
      if (found !== 'made') await assertProgramsRun();
      if (found === 'absent') await create(absolute, user);
      if (found === 'empty') await adopt(absolute);
      assertReachable(absolute, user);

      const lock = await FolderLock.acquire(join(absolute, 'lock'));
      try {
        if (found !== 'made') await writeMarker(absolute);
      } catch (error) {
        await lock.release().catch(() => undefined);
        throw error;
      }
      return new DataFolder(absolute, user, lock);
    });
  }

  /** Publishes the running server's state, readable by its own user only. */
  async writeState(state: ServerState): Promise<void> {
    await onFolder(this.path, () => writeFileAtomically(join(this.path, stateName), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 }));
  }

  /** Takes the state back and lets the folder go. */
  async close(): Promise<void> {
    await onFolder(this.path, async () => {
      await rm(join(this.path, stateName), { force: true });
      await this.#lock.release();
    });
  }
}

/**
 * The state of the FacetDB that works on this folder; `undefined` when none does, whatever a killed one left behind.
 * `permission_denied` for a user who may not look.
 */
export async function readServerState(path: string): Promise<ServerState | undefined> {
  const folder = resolve(path);
  try {
    const state = JSON.parse(await readFile(join(folder, stateName), 'utf8')) as ServerState;
    const holder = await lockHolder(join(folder, 'lock'));
    return holder?.pid === state.pid ? state : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM') throw new FacetError('permission_denied', `${folder} belongs to another user; ask as that user, or as root`, { cause: error });
    throw error;
  }
}

/**
 * The data folder where none is given, and the reason where it is not `./facetdb-data`: root's PostgreSQL runs as
 * another user, who cannot get into, for example, a clone under `/root`.
 */
export function defaultDataFolder(): { path: string; reason?: string } {
  const path = resolve('facetdb-data');
  if (!isRoot()) return { path };
  const user = postgresUserOf(path);
  const blocked = blockingFolder(process.cwd(), user);
  if (blocked === undefined) return { path };
  return { path: '/var/lib/facetdb', reason: `PostgreSQL runs as the user ${user.name}, who cannot get into ${blocked}` };
}

/** What is at the path. Looks only; throws for what FacetDB must not touch. */
async function inspect(path: string): Promise<'absent' | 'empty' | 'made'> {
  let names: string[];
  try {
    names = await readdir(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 'absent';
    throw error;
  }
  if (!names.includes(markerName)) {
    // What a start leaves that was killed before it wrote the marker, or one that runs at this moment.
    const foreign = names.filter((name) => name !== 'lost+found' && name !== 'lock' && !name.startsWith(`${markerName}.`));
    if (foreign.length === 0) return 'empty';
    throw foreignFolder(path, names.includes('PG_VERSION') ? await readVersion(path) : undefined);
  }
  await checkMarker(path);
  const found = await readVersion(join(path, 'postgres'));
  if (found !== undefined && found !== postgresMajorVersion) {
    throw new FacetError('data_folder_version', `${path} holds a cluster of PostgreSQL ${found}, and this FacetDB brings PostgreSQL ${postgresMajorVersion}; dump it with a FacetDB of that version and restore it here, or choose another folder with --data`);
  }
  return 'made';
}

function foreignFolder(path: string, foundVersion: string | undefined): FacetError {
  const what = foundVersion === undefined ? 'it is not empty and has no facetdb.json' : `it is the data directory of a PostgreSQL ${foundVersion} that FacetDB did not create`;
  const advice = foundVersion === undefined ? '' : '; to use that PostgreSQL, start it and give its address with --engine';
  return new FacetError('data_folder_foreign', `${path}: ${what}. Nothing was changed. Choose an empty or new folder with --data${advice}`);
}

/** The major version in a cluster's PG_VERSION, `undefined` where there is no such file. */
async function readVersion(postgresDir: string): Promise<string | undefined> {
  try {
    return (await readFile(join(postgresDir, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function checkMarker(path: string): Promise<void> {
  const file = join(path, markerName);
  let format: unknown;
  try {
    format = (JSON.parse(await readFile(file, 'utf8')) as { format?: unknown }).format;
  } catch (error) {
    if (error instanceof SyntaxError) throw new FacetError('data_folder_foreign', `${file} is not FacetDB's`, { cause: error });
    throw error;
  }
  if (typeof format !== 'number') throw new FacetError('data_folder_foreign', `${file} is not FacetDB's`);
  if (format > layoutFormat) throw new FacetError('store_too_new', `${path} has format ${format}, and this FacetDB (${version}) knows up to ${layoutFormat}; start a newer one`);
}

async function writeMarker(path: string): Promise<void> {
  const marker = { format: layoutFormat, createdBy: `FacetDB ${version}`, createdAt: new Date().toISOString() };
  await writeFileAtomically(join(path, markerName), `${JSON.stringify(marker, null, 2)}\n`, { mode: 0o644 });
}

/** The user that owns the cluster already, or the one that a new cluster will belong to. */
function postgresUserOf(path: string): SystemUser {
  const postgresDir = join(path, 'postgres');
  const found = statSync(postgresDir, { throwIfNoEntry: false });
  if (found === undefined) return userForPostgres();
  if (isRoot()) {
    if (found.uid === 0) throw new FacetError('data_folder_unreachable', `${postgresDir} belongs to root, and PostgreSQL does not run as root; give it to another user: chown -R ${userForPostgres().name} '${postgresDir}'`);
    return userWithId(found.uid) ?? { name: `user id ${found.uid}`, uid: found.uid, gid: found.gid, isOther: true };
  }
  if (found.uid !== process.getuid?.()) throw new FacetError('data_folder_unwritable', `${postgresDir} belongs to ${userWithId(found.uid)?.name ?? `user id ${found.uid}`}; start FacetDB as that user or as root`);
  return userForPostgres();
}

/** Root's folders let others pass through, not look: PostgreSQL's user has to get to its part. */
const folderMode = (): number => (isRoot() ? 0o711 : 0o700);

async function create(path: string, user: SystemUser): Promise<void> {
  const missing: string[] = [];
  let ancestor = path;
  for (; !statSync(ancestor, { throwIfNoEntry: false }); ancestor = dirname(ancestor)) missing.unshift(ancestor);
  // Before anything is made, so that a refusal leaves nothing behind.
  assertReachable(ancestor, user);
  for (const folder of missing) {
    await mkdir(folder).catch((error: unknown) => {
      // Another start makes the same folder at this moment.
      if (systemErrorCode(error) !== 'EEXIST') throw error;
    });
    // The umask may have taken away what PostgreSQL's user needs.
    await chmod(folder, folderMode());
  }
}

/** An empty folder given to FacetDB gets the mode that FacetDB would have made it with. */
async function adopt(path: string): Promise<void> {
  const { uid, mode } = await stat(path);
  const isClosed = (mode & 0o001) === 0;
  if (uid === process.getuid?.() && (!isRoot() || isClosed)) await chmod(path, folderMode());
}

function assertReachable(folder: string, user: SystemUser): void {
  const blocked = blockingFolder(realpathSync(folder), user);
  if (blocked === undefined) return;
  throw new FacetError('data_folder_unreachable', `FacetDB runs as root, so PostgreSQL runs as the user ${user.name}, who cannot get into ${blocked}. Choose a folder that it can reach (--data /var/lib/facetdb), or open that one to passing through (chmod o+x '${blocked}')`);
}
