// What is wrong with bytes that should be BSON, or with a value that BSON cannot hold.

/** `malformed`: not BSON, or not Extended JSON; `too_deep`: nested beyond MongoDB's limit; `unfit`: a value that BSON cannot carry. */
export type BsonErrorKind = 'malformed' | 'too_deep' | 'unfit';

/** The texts are those of MongoDB's InvalidBSON (22) and, for `too_deep`, of its Overflow (15). */
export class BsonError extends Error {
  override readonly name = 'BsonError';
  readonly kind: BsonErrorKind;

  constructor(kind: BsonErrorKind, text: string) {
    super(text);
    this.kind = kind;
  }
}

/** How deep documents and arrays nest at most within the outermost document; MongoDB's maxBSONDepth. */
export const maxDepth = 200;

/** How many levels a document that is to be stored has at most, its own among them, so that a command or a reply can still carry it. */
export const maxStoredDepth = 180;
