// The field `changeStreamPreAndPostImages` of create and collMod, which asks for nothing where it is off.
// Source: MongoDB 7.0, change_stream_pre_and_post_images_options.idl.

import type { Value } from '../../values/bson/types.ts';
import { type Read, object, readFields, required, safeBool } from './fields.ts';

const imagesFields = { enabled: required(safeBool) } as const;

/** Throws DocumentError. */
export const changeStreamImages: Read<boolean> = (value, path) => readFields(object(value, path), imagesFields, { path }).enabled;

export function isDisabled(value: Value, path: string): boolean {
  return !changeStreamImages(value, path);
}
