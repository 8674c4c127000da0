// The letters of `notify-keyspace-events` ("Redis keyspace notifications").

/** As Redis's error text lists them. */
export const eventLetters = 'Ag$lshzxeKEtmdn';

/** What `A` stands for. */
const allLetters = 'g$lshzxetd';

/** The letters that a value names, `A` spelled out; undefined for an unknown letter. */
export function parseEventClasses(value: string): ReadonlySet<string> | undefined {
  const classes = new Set<string>();
  for (const letter of value) {
    if (!eventLetters.includes(letter)) return undefined;
    for (const one of letter === 'A' ? allLetters : letter) classes.add(one);
  }
  return classes;
}

/** As CONFIG GET shows them: in Redis's order, `A` where all are there; `n` is not shown beside it. */
export function showEventClasses(classes: ReadonlySet<string>): string {
  const has = (letters: string): string => Array.from(letters).filter((letter) => classes.has(letter)).join('');
  const main = has(allLetters) === allLetters ? 'A' : has(`${allLetters}n`);
  return main + has('KEm');
}
