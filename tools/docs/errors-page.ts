// docs/errors.md, from the table of errors, what becomes of PostgreSQL's SQLSTATEs, and HTTP's status of each.

import { sqlStatesOf } from '../../src/engine/sqlstate.ts';
import { type ErrorCode, errorMessages } from '../../src/kernel/errors.ts';
import { httpStatusOf } from '../../src/protocols/http/problem.ts';

export function errorsPage(): string {
  const codes = Object.keys(errorMessages) as ErrorCode[];
  return `# Errors

What goes wrong in TypeScript is a \`FacetError\` with one of these codes; over HTTP it is a problem document (RFC 9457) with the same \`code\`.
SQL clients get PostgreSQL's own errors, MongoDB's drivers and Redis clients those of the servers that they know.

A message is the constant text below, then what this one case is about (\`details\`).

| code | message | SQLSTATEs | HTTP |
|---|---|---|---|
${codes.map((code) => `| \`${code}\` | ${errorMessages[code]} | ${sqlStatesOf(code).map((state) => `\`${state}\``).join(', ')} | ${httpStatusOf(code)} |`).join('\n')}

A SQLSTATE that ends in \`…\` stands for the others of its class. What PostgreSQL says beyond these is \`query_failed\`.
`;
}
