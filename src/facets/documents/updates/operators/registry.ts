// All update operators but $rename, which stands at two paths and is parsed where paths are.

import type { UpdateOperator } from '../update.ts';
import { arithmeticOperators } from './arithmetic.ts';
import { arrayOperators } from './arrays.ts';
import { fieldOperators } from './fields.ts';

const families: readonly (readonly UpdateOperator[])[] = [fieldOperators, arithmeticOperators, arrayOperators];

export const updateOperators: ReadonlyMap<string, UpdateOperator> = new Map(families.flat().map((operator) => [operator.name, operator]));
