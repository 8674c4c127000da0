// The certificate and key that every protocol's TLS uses, read and checked once before anything listens.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { FacetError, messageOf } from '../../kernel/errors.ts';

export type TlsFiles = { readonly certFile: string; readonly keyFile: string };

export type TlsMaterial = { readonly cert: Buffer; readonly key: Buffer };

/** Throws `tls_invalid`, naming the file that cannot be read, is not PEM, or does not fit the other. */
export function readTlsMaterial({ certFile, keyFile }: TlsFiles): TlsMaterial {
  const cert = readPem(certFile, '--tls-cert');
  const key = readPem(keyFile, '--tls-key');
  checkCertificate(cert, certFile);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new FacetError('tls_invalid', `the key in ${keyFile} (--tls-key) cannot be used with the certificate in ${certFile} (--tls-cert): ${messageOf(error)}`, { cause: error });
  }
  return { cert, key };
}

function readPem(file: string, option: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new FacetError('tls_invalid', `${option} ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** On its own first, so that the error can name the file. */
function checkCertificate(cert: Buffer, file: string): void {
  try {
    void new X509Certificate(cert);
  } catch (error) {
    throw new FacetError('tls_invalid', `--tls-cert ${file} holds no certificate in PEM form`, { cause: error });
  }
}
