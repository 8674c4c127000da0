// $redact.

import type { Document, Maybe, Value } from '../../../../values/bson/types.ts';
import { DocumentError } from '../../errors.ts';
import type { Evaluate, Scope } from '../../expressions/expression.ts';
import { parseExpression, withVariables } from '../../expressions/parse.ts';
import { valueText } from '../../expressions/shell-text.ts';
import { mapBatches } from '../batches.ts';
import { everywhere } from '../stage.ts';
import type { OpaqueStage, StageContext, StageKind } from '../stage.ts';

/** The values of its variables. */
const decisions = { DESCEND: 'descend', PRUNE: 'prune', KEEP: 'keep' } as const;

function parseRedact(argument: Value, { expressions }: StageContext): OpaqueStage {
  const { context, slots } = withVariables(expressions, ['CURRENT', ...Object.keys(decisions)]);
  const { evaluate } = parseExpression(argument, context);
  const [currentSlot, ...decisionSlots] = slots as [number, ...number[]];
  return {
    name: '$redact',
    run: (input, environment) =>
      mapBatches(input, environment, (batch) =>
        batch.flatMap((document) => {
          const scope = environment.scopeFor(document);
          for (const [index, decision] of Object.values(decisions).entries()) scope.slots[decisionSlots[index]!] = decision;
          return redactDocument(document, evaluate, scope, currentSlot) ?? [];
        }),
      ),
  };
}

function redactDocument(document: Document, evaluate: Evaluate, scope: Scope, currentSlot: number): Document | undefined {
  scope.slots[currentSlot] = document;
  const decision = evaluate(scope);
  if (decision === decisions.KEEP) return document;
  if (decision === decisions.PRUNE) return undefined;
  if (decision !== decisions.DESCEND) {
    throw new DocumentError(
      17053,
      `$redact's expression should not return anything aside from the variables $$KEEP, $$DESCEND, and $$PRUNE, but returned ${valueText(decision)}`,
    );
  }
  const result: Document = new Map();
  for (const [name, value] of document) {
    const redacted = redactValue(value, evaluate, scope, currentSlot);
    if (redacted !== undefined) result.set(name, redacted);
  }
  return result;
}

function redactValue(value: Value, evaluate: Evaluate, scope: Scope, currentSlot: number): Maybe {
  if (value instanceof Map) return redactDocument(value, evaluate, scope, currentSlot);
  if (!Array.isArray(value)) return value;
  return value.flatMap((element) => {
    const redacted = redactValue(element, evaluate, scope, currentSlot);
    return redacted === undefined ? [] : [redacted];
  });
}

export const redactStage: StageKind = {
  name: '$redact',
  parse: parseRedact,
  places: everywhere,
  examples: [
    {
      stage: '{"$cond": [{"$eq": ["$hidden", true]}, "$$PRUNE", "$$DESCEND"]}',
      input: '[{"a": {"hidden": true}, "b": [{"hidden": true}, {"c": 1}, 2]}, {"hidden": true}]',
      result: '[{"b": [{"c": 1}, 2]}]',
    },
    { stage: '"$$KEEP"', input: '[{"a": 1}]', result: '[{"a": 1}]' },
    { stage: '"$a"', input: '[{"a": 1}]', error: 17053 },
    { stage: '"$$OTHER"', error: 17276 },
  ],
};
