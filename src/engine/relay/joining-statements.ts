// The two statements by which a SQL client goes into another's transaction and comes out again, as clients write them. They are
// looked for in the text: what goes on elsewhere has to be known before PostgreSQL sees it.

const join = /^\s*select\s+(?:\*\s+from\s+)?facetdb\s*\.\s*join_transaction\s*\(\s*(?:'([^'\\]*)'|\$1)\s*(?:::\s*\w+\s*)?\)\s*(?:as\s+\w+\s*)?;?\s*$/i;
const leave = /^\s*select\s+(?:\*\s+from\s+)?facetdb\s*\.\s*leave_transaction\s*\(\s*\)\s*(?:as\s+\w+\s*)?;?\s*$/i;

/** The token that a text joins with; `parameter` where it is its parameter; undefined where it joins nothing. */
export function tokenOf(text: string): { readonly token: string } | 'parameter' | undefined {
  const found = join.exec(text);
  if (found === null) return undefined;
  return found[1] === undefined ? 'parameter' : { token: found[1] };
}

export function isLeaving(text: string): boolean {
  return leave.test(text);
}
