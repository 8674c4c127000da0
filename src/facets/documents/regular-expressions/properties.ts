// Unicode properties in regular expressions (`\p{…}`), as PCRE names them: case, spaces, hyphens and underscores do not count.

import type { CharacterSet } from './classes.ts';
import { additionalProperties } from './classes.ts';

const generalCategories = 'C Cc Cf Cn Co Cs L Ll Lm Lo Lt Lu LC M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs Any'.split(' ');

const byLooseName = new Map<string, string>([...generalCategories.map((name) => [looseName(name), name] as const), ['l&', 'LC']]);

const additionalByLooseName = new Map(Object.entries(additionalProperties).map(([name, sets]) => [looseName(name), sets]));

/** What stands before the name of a script, and the property of JavaScript that it means. */
const scriptPrefixes: ReadonlyMap<string, string> = new Map([
  ['sc', 'Script'], ['script', 'Script'], ['scx', 'Script_Extensions'], ['scriptextensions', 'Script_Extensions'],
]);

function looseName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** The characters that have a property, or that have it not. Undefined where there is none of that name. */
export function propertySet(name: string, isNegated: boolean): CharacterSet | undefined {
  const additional = additionalByLooseName.get(looseName(name));
  if (additional) return isNegated ? additional.complement : additional.set;
  const property = javaScriptProperty(name);
  return property === undefined ? undefined : { ranges: [], properties: [`\\${isNegated ? 'P' : 'p'}{${property}}`] };
}

function javaScriptProperty(name: string): string | undefined {
  const prefixed = /^([\w -]+)[:=](.+)$/.exec(name);
  if (prefixed) {
    const property = scriptPrefixes.get(looseName(prefixed[1]!));
    return property && known(`${property}=${capitalized(prefixed[2]!)}`);
  }
  return byLooseName.get(looseName(name)) ?? known(`Script_Extensions=${capitalized(name)}`) ?? known(binaryProperty(name));
}

/** As JavaScript writes the names of scripts: `Old_Persian`. */
function capitalized(name: string): string {
  return name.trim().split(/[\s_-]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()).join('_');
}

function binaryProperty(name: string): string {
  return looseName(name) === 'ascii' ? 'ASCII' : capitalized(name);
}

/** The property, if JavaScript has it. */
function known(property: string): string | undefined {
  try {
    return new RegExp(`\\p{${property}}`, 'u').source.slice('\\p{'.length, -1);
  } catch {
    return undefined;
  }
}
