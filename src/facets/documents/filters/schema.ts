// A JSON schema (draft 4, as MongoDB has it) once it is parsed.

import type { Numeric, TypeName, Value } from '../../../values/bson/types.ts';

export type PatternSchema = { readonly pattern: string; readonly schema: Schema };

export type Dependency = { readonly property: string } & ({ readonly requires: readonly string[] } | { readonly schema: Schema });

/** Every keyword restricts the values of its own type only, and lets the others pass. */
export type Schema = {
  readonly types?: ReadonlySet<TypeName>;
  readonly minimum?: { readonly value: Numeric; readonly exclusive: boolean };
  readonly maximum?: { readonly value: Numeric; readonly exclusive: boolean };
  readonly multipleOf?: Numeric;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  /** For every element, or for each in its place. */
  readonly items?: Schema | readonly Schema[];
  /** For the elements behind those that `items` lists. */
  readonly additionalItems?: Schema | boolean;
  readonly required?: readonly string[];
  readonly properties?: ReadonlyMap<string, Schema>;
  readonly patternProperties?: readonly PatternSchema[];
  readonly additionalProperties?: Schema | boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly dependencies?: readonly Dependency[];
  readonly enum?: readonly Value[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
};
