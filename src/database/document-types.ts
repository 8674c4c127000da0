// The types of documents, filters and updates, from the type of a collection's documents.

import type { Document, ObjectId } from 'bson';

export type WithId<T> = T extends { _id: unknown } ? T : T & { _id: ObjectId };
export type OptionalId<T> = T extends { _id: unknown } ? Omit<T, '_id'> & { _id?: T['_id'] } : T;
/** Values or conditions by field; dotted paths and operators of the language are allowed beside the fields of the type. */
export type Filter<T> = { readonly [Field in keyof T]?: T[Field] | Document | RegExp | null } & Document;
/** Operators (`$set`, `$inc`, …), or a pipeline. */
export type Update<T> = ({ readonly $set?: Partial<T> & Document; readonly $unset?: Document; readonly $inc?: Document } & Document) | readonly Document[];
