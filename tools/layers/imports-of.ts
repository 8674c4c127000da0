// What a source file imports, found by its text alone. It would rather see an import too many (in a string) than miss one;
// what cannot be read off the text, an `import()` of a computed name, is reported as such.

export type Import = {
  /** As written; undefined where it is computed. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** `import type`, `export type`: gone when the program runs. */
  readonly isType: boolean;
};

/** `import 'x'`, `import … from 'x'`, `export … from 'x'`, with or without `type`, over several lines too. */
const declaration = /(?:^|[;}])[ \t]*(?:import|export)\b[\w$*{},\s]*?(['"])(?<specifier>[^'"\n]+)\1/gm;

/** `import('x')` as an expression or in a type, `require('x')`, and either of something else than a literal. */
const call = /(?<![.\w$])(?:import|require)\s*\(\s*(?:(['"`])(?<specifier>[^'"`$]+)\1)?/g;

export function importsOf(source: string): Import[] {
  return [...source.matchAll(declaration), ...source.matchAll(call)].map((match) => ({
    specifier: match.groups?.specifier,
    line: source.slice(0, match.index + match[0].length).split('\n').length,
    isType: /^[;}\s]*(?:import|export)\s+type\s/.test(match[0]),
  }));
}
