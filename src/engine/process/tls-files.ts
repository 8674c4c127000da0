// The certificate and key for PostgreSQL: checked, then copied to where PostgreSQL's user can read them, with the mode
// that PostgreSQL demands of a key.

import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { FacetError, messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { writeFileAtomically } from './atomic-file.ts';
import type { SystemUser } from './system-user.ts';

/** PEM files; the certificate's may hold its whole chain. */
export type TlsFiles = { readonly certFile: string; readonly keyFile: string };

/** Copies them into `<data folder>/tls` for this user. Without any, removes what an earlier start left. `tls_invalid`. */
export async function installTlsFiles(tls: TlsFiles | undefined, dataFolder: string, user: SystemUser, log: Log): Promise<TlsFiles | undefined> {
  const folder = join(dataFolder, 'tls');
  if (tls === undefined) {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
  const certificate = await readPem(tls.certFile, '--tls-cert');
  const key = await readPem(tls.keyFile, '--tls-key');
  check({ certificate, key, tls, log });

  await mkdir(folder, { recursive: true });
  await chmod(folder, user.isOther ? 0o711 : 0o700);
  const copies = { certFile: join(folder, 'certificate.pem'), keyFile: join(folder, 'key.pem') };
  await writeFileAtomically(copies.certFile, certificate, { mode: 0o600, owner: user });
  await writeFileAtomically(copies.keyFile, key, { mode: 0o600, owner: user });
  return copies;
}

async function readPem(file: string, option: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new FacetError('tls_invalid', `${option} ${file}: ${messageOf(error)}`, { cause: error });
  }
}

type CheckOptions = { readonly certificate: Buffer; readonly key: Buffer; readonly tls: TlsFiles; readonly log: Log };

function check({ certificate, key, tls, log }: CheckOptions): void {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
    createSecureContext({ cert: certificate });
  } catch (error) {
    throw new FacetError('tls_invalid', `--tls-cert ${tls.certFile} holds no certificate in PEM form (${messageOf(error)})`, { cause: error });
  }
  try {
    createSecureContext({ key });
  } catch (error) {
    throw new FacetError('tls_invalid', `--tls-key ${tls.keyFile} holds no private key in PEM form without a passphrase (${messageOf(error)})`, { cause: error });
  }
  try {
    createSecureContext({ cert: certificate, key });
  } catch (error) {
    throw new FacetError('tls_invalid', `the key in ${tls.keyFile} (--tls-key) does not belong to the certificate in ${tls.certFile} (--tls-cert)`, { cause: error });
  }
  if (new Date(parsed.validTo) < new Date()) log.warn(`the certificate in ${tls.certFile} expired at ${parsed.validTo}`);
}
