// Logs a principal in by its role's name and its password: in clear for the protocols whose clients send it, by SCRAM for
// those whose clients prove it. It slows guessing, remembers what was right, tells nobody but the log why a login failed, and costs the same for unknown roles.

import type { ScramKeys } from '../engine/client.ts';
import { FacetError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { accessLimits } from './limits.ts';
import { LoginGuard } from './login-guard.ts';
import { PasswordCheck } from './password-check.ts';
import { type Login, type RoleStore, findLogin } from './roles.ts';
import { ScramExchange, readClientFirst } from './scram-exchange.ts';
import { mockVerifier, parseVerifier } from './scram-verifier.ts';

/** Who a session acts for: a PostgreSQL role, and what logs in to PostgreSQL as it. */
export type Principal = { readonly role: string; readonly superuser: boolean; readonly keys: ScramKeys };

/** `address` is the client's, without its port. */
export type Credentials = { readonly role: string; readonly password: string; readonly address: string };

/** A login by SCRAM that waits for the client's second message. `finish` errors: `authentication_failed`. */
export type ScramLogin = {
  readonly serverFirst: string;
  readonly finish: (clientFinal: string) => { readonly principal: Principal; readonly serverFinal: string };
};

type Attempt = { readonly role: string; readonly address: string; readonly login: Login | undefined; readonly keys: ScramKeys | undefined };

export type AuthenticatorOptions = {
  readonly store: RoleStore;
  readonly log: Log;
  readonly guard?: LoginGuard;
  readonly check?: PasswordCheck;
};

export class Authenticator {
  readonly #store: RoleStore;
  readonly #log: Log;
  readonly #guard: LoginGuard;
  readonly #check: PasswordCheck;

  constructor({ store, log, guard = new LoginGuard(), check = new PasswordCheck() }: AuthenticatorOptions) {
    this.#store = store;
    this.#log = log;
    this.#guard = guard;
    this.#check = check;
  }

  /** Errors: `authentication_failed`; `limit_exceeded` when too many log in at once; `engine_unsupported` as `findLogin`. */
  async authenticate({ role, password, address }: Credentials): Promise<Principal> {
    await this.#guard.turn({ role, address });
    const login = await findLogin(this.#store, role);
    return this.#conclude({ role, address, login, keys: await this.#prove({ role, password, login }) });
  }

  /**
   * Begins a login by SCRAM-SHA-256 with the client's first message. Errors: as `authenticate`; unknown roles are found out
   * at the end only, as wrong passwords are.
   */
  async beginScram({ clientFirst, address }: { readonly clientFirst: string; readonly address: string }): Promise<ScramLogin> {
    const first = readClientFirst(clientFirst);
    const role = first.user;
    await this.#guard.turn({ role, address });
    const login = await findLogin(this.#store, role);
    const exchange = new ScramExchange({ first, verifier: parseVerifier(login?.verifier ?? '') ?? mockVerifier(role) });
    return {
      serverFirst: exchange.serverFirst,
      finish: (clientFinal) => {
        const proven = exchange.finish(clientFinal);
        const principal = this.#conclude({ role, address, login, keys: proven?.keys });
        return { principal, serverFinal: proven!.serverFinal };
      },
    };
  }

  #conclude({ role, address, login, keys }: Attempt): Principal {
    const source = { role, address };
    const reason = reasonToRefuse(login, keys);
    if (reason !== undefined || keys === undefined || login === undefined) {
      this.#log.warn({ role, address, failures: this.#guard.failed(source), reason }, 'login failed');
      throw new FacetError('authentication_failed', `for role "${role}"`);
    }
    this.#guard.succeeded(source);
    return { role, superuser: login.superuser, keys };
  }

  async #prove({ role, password, login }: { role: string; password: string; login: Login | undefined }): Promise<ScramKeys | undefined> {
    if (Buffer.byteLength(password) > accessLimits.passwordBytes) return undefined;
    const verifier = parseVerifier(login?.verifier ?? '') ?? mockVerifier(role);
    return await this.#check.check({ role, verifier, password });
  }
}

/** Why a login is refused, in words for the log; undefined when it is not. */
function reasonToRefuse(login: Login | undefined, keys: ScramKeys | undefined): string | undefined {
  if (login === undefined) return 'no such role';
  if (login.verifier === null) return 'the role has no password';
  if (parseVerifier(login.verifier) === undefined) return 'the password is not kept as SCRAM-SHA-256';
  if (keys === undefined) return 'wrong password';
  if (!login.canLogin) return 'the role may not log in';
  if (!login.isValid) return 'the password is no longer valid';
  return undefined;
}
