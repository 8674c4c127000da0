// A statement as the engine knows it: text with $1 parameters, and the types of these where they are declared.

import { FacetError } from '../../kernel/errors.ts';
import { type PgTypeName, type ParameterType, parameterType } from './types.ts';

export type StatementOptions = {
  /** The parameters' types: binary on the wire. Without them PostgreSQL infers the types and values travel as text. */
  readonly parameters?: readonly PgTypeName[];
};

/** Made once (at module level), used many times: connections key their prepared statements by it. */
export class Statement {
  readonly text: string;
  readonly parameterTypes: readonly ParameterType[] | undefined;
  /**
   * Declared statements are FacetDB's own: all their columns are read in binary, so that preparing takes no round
   * trip of its own. Others are described first, and columns without a binary decoder come as text.
   */
  readonly declared: boolean;

  /** Errors: `syntax_invalid` for a text that cannot be sent. */
  constructor(text: string, options: StatementOptions = {}) {
    if (text.includes('\0')) throw new FacetError('syntax_invalid', 'a statement cannot hold the character U+0000');
    this.text = text;
    this.parameterTypes = options.parameters?.map(parameterType);
    this.declared = options.parameters !== undefined;
  }
}

/** Declares one of FacetDB's own statements. */
export function statement(text: string, parameters: readonly PgTypeName[] = []): Statement {
  return new Statement(text, { parameters });
}
