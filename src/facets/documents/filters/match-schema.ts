// JSON schemas as predicates of values. Each keyword lets values of other types than its own pass.

import { hashKeyOf } from '../../../values/bson/compare.ts';
import { decimalFromDouble, decimalFromInteger, isNaNDecimal, isZeroDecimal, remainderDecimal } from '../../../values/bson/decimal.ts';
import { Decimal128, Int32, isNumeric, typeNameOf, type Document, type Maybe, type Numeric, type Value } from '../../../values/bson/types.ts';
import { anyAtPath, stepsOf, valueOfFields } from './paths.ts';
import { textPredicate } from './pattern.ts';
import { comparisonPredicate, type Predicate } from './predicates.ts';
import type { Dependency, Schema } from './schema.ts';
import { unorderedForm } from './unordered.ts';

/** Whether a value satisfies the schema; a missing one satisfies all but `type`, `bsonType` and `enum`. */
export function compileSchema(schema: Schema): Predicate {
  const tests = [...typeTests(schema), ...numberTests(schema), ...textTests(schema), ...arrayTests(schema), ...objectTests(schema), ...logicalTests(schema)];
  return (value) => tests.every((test) => test(value));
}

function typeTests({ types }: Schema): Predicate[] {
  return types ? [(value) => value !== undefined && types.has(typeNameOf(value))] : [];
}

// --- Numbers and texts.

function numberTests({ minimum, maximum, multipleOf }: Schema): Predicate[] {
  const tests: Predicate[] = [];
  if (minimum) tests.push(ofNumbers(comparisonPredicate({ operator: minimum.exclusive ? '$gt' : '$gte', path: [], value: minimum.value })));
  if (maximum) tests.push(ofNumbers(comparisonPredicate({ operator: maximum.exclusive ? '$lt' : '$lte', path: [], value: maximum.value })));
  if (multipleOf !== undefined) tests.push(ofNumbers(isMultipleOf(multipleOf)));
  return tests;
}

function ofNumbers(test: (value: Numeric) => boolean): Predicate {
  return (value) => !isNumeric(value) || test(value);
}

function isMultipleOf(divisor: Numeric): (value: Numeric) => boolean {
  const decimal = decimalOf(divisor);
  return (value) => {
    const remainder = remainderDecimal(decimalOf(value), decimal);
    return !isNaNDecimal(remainder) && isZeroDecimal(remainder);
  };
}

function decimalOf(value: Numeric): Decimal128 {
  if (value instanceof Decimal128) return value;
  if (value instanceof Int32) return decimalFromInteger(BigInt(value.value));
  return typeof value === 'bigint' ? decimalFromInteger(value) : decimalFromDouble(value);
}

function textTests({ minLength, maxLength, pattern }: Schema): Predicate[] {
  const tests: Predicate[] = [];
  if (minLength !== undefined) tests.push(ofTexts((text) => codePointsOf(text) >= minLength));
  if (maxLength !== undefined) tests.push(ofTexts((text) => codePointsOf(text) <= maxLength));
  if (pattern !== undefined) tests.push(ofTexts(textPredicate({ pattern, options: '' })));
  return tests;
}

function ofTexts(test: (text: string) => boolean): Predicate {
  return (value) => typeof value !== 'string' || test(value);
}

function codePointsOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

// --- Arrays.

function arrayTests({ minItems, maxItems, uniqueItems, items, additionalItems }: Schema): Predicate[] {
  const tests: Predicate[] = [];
  if (minItems !== undefined) tests.push(ofArrays((values) => values.length >= minItems));
  if (maxItems !== undefined) tests.push(ofArrays((values) => values.length <= maxItems));
  if (uniqueItems) tests.push(ofArrays((values) => new Set(values.map((value) => hashKeyOf(unorderedForm(value)))).size === values.length));
  if (items) tests.push(ofArrays(isSchemas(items) ? eachInPlace(items) : every(items, 0)));
  if (items && isSchemas(items) && additionalItems !== undefined && additionalItems !== true) tests.push(ofArrays(beyond(items.length, additionalItems)));
  return tests;
}

function isSchemas(items: Schema | readonly Schema[]): items is readonly Schema[] {
  return Array.isArray(items);
}

function ofArrays(test: (values: readonly Value[]) => boolean): Predicate {
  return (value) => !Array.isArray(value) || test(value);
}

function every(schema: Schema, start: number): (values: readonly Value[]) => boolean {
  const accepts = compileSchema(schema);
  return (values) => values.every((value, index) => index < start || accepts(value));
}

function eachInPlace(schemas: readonly Schema[]): (values: readonly Value[]) => boolean {
  const tests = schemas.map(compileSchema);
  return (values) => tests.every((test, index) => index >= values.length || test(values[index]));
}

function beyond(count: number, additional: Schema | false): (values: readonly Value[]) => boolean {
  return additional === false ? (values) => values.length <= count : every(additional, count);
}

// --- Objects.

type DocumentTest = (document: Document) => boolean;

function objectTests(schema: Schema): Predicate[] {
  const { required = [], properties, minProperties, maxProperties, dependencies = [] } = schema;
  const tests: DocumentTest[] = required.map(hasProperty);
  if (properties) tests.push(...[...properties].map(([name, nested]) => propertyTest(name, nested)));
  if (schema.patternProperties || schema.additionalProperties !== undefined) tests.push(allowedProperties(schema));
  if (minProperties !== undefined) tests.push((document) => document.size >= minProperties);
  if (maxProperties !== undefined) tests.push((document) => document.size <= maxProperties);
  tests.push(...dependencies.map(dependencyTest));
  return tests.map((test): Predicate => (value) => !(value instanceof Map) || test(value));
}

/** A dotted name is a path, as everywhere in filters. */
function hasProperty(name: string): DocumentTest {
  if (!name.includes('.')) return (document) => document.has(name);
  const steps = stepsOf(name.split('.'), 'elements');
  return (document) => anyAtPath(document, steps, (value) => value !== undefined);
}

function propertyTest(name: string, schema: Schema): DocumentTest {
  const accepts = compileSchema(schema);
  const isPresent = hasProperty(name);
  const path = name.split('.');
  return (document) => !isPresent(document) || accepts(valueOfFields(document, path));
}

/** The properties that `properties` does not name: those of the patterns, and the rest. */
function allowedProperties({ properties, patternProperties = [], additionalProperties = true }: Schema): DocumentTest {
  const patterns = patternProperties.map(({ pattern, schema }) => ({ test: textPredicate({ pattern, options: '' }), accepts: compileSchema(schema) }));
  const acceptsOther = typeof additionalProperties === 'boolean' ? () => additionalProperties : compileSchema(additionalProperties);
  return (document) => {
    for (const [name, value] of document) {
      const applying = patterns.filter(({ test }) => test(name));
      if (!applying.every(({ accepts }) => accepts(value))) return false;
      if (applying.length === 0 && !properties?.has(name) && !acceptsOther(value)) return false;
    }
    return true;
  };
}

function dependencyTest(dependency: Dependency): DocumentTest {
  const isPresent = hasProperty(dependency.property);
  if ('requires' in dependency) {
    const tests = dependency.requires.map(hasProperty);
    return (document) => !isPresent(document) || tests.every((test) => test(document));
  }
  const accepts = compileSchema(dependency.schema);
  return (document) => !isPresent(document) || accepts(document);
}

// --- Logic.

function logicalTests({ enum: values, allOf, anyOf, oneOf, not }: Schema): Predicate[] {
  const tests: Predicate[] = [];
  if (values) tests.push(isListed(values));
  if (allOf) tests.push(...allOf.map(compileSchema));
  if (anyOf) {
    const any = anyOf.map(compileSchema);
    tests.push((value) => any.some((test) => test(value)));
  }
  if (oneOf) {
    const one = oneOf.map(compileSchema);
    tests.push((value) => one.filter((test) => test(value)).length === 1);
  }
  if (not) {
    const test = compileSchema(not);
    tests.push((value) => !test(value));
  }
  return tests;
}

function isListed(values: readonly Value[]): Predicate {
  const keys = new Set(values.map((value) => hashKeyOf(unorderedForm(value))));
  return (value: Maybe) => value !== undefined && keys.has(hashKeyOf(unorderedForm(value)));
}
