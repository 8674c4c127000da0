// The errors of the document language. A driver acts on the number, so the number is part of the language itself;
// how an error travels is the protocol's. Source: MongoDB 7.0, src/mongo/base/error_codes.yml and its manual.

import { FacetError } from '../../kernel/errors.ts';
import type { Document } from '../../values/bson/types.ts';

/** MongoDB's error codes by name; those without a name are numbers of one place in its source ("Location40415"). */
export const documentErrorCodes = {
  InternalError: 1, BadValue: 2, NoSuchKey: 4, GraphContainsCycle: 5, HostUnreachable: 6, UnknownError: 8, FailedToParse: 9,
  CannotMutateObject: 10, UserNotFound: 11, UnsupportedFormat: 12, Unauthorized: 13, TypeMismatch: 14, Overflow: 15, InvalidLength: 16,
  ProtocolError: 17, AuthenticationFailed: 18, CannotReuseObject: 19, IllegalOperation: 20, EmptyArrayOperation: 21, InvalidBSON: 22,
  AlreadyInitialized: 23, LockTimeout: 24, NamespaceNotFound: 26, IndexNotFound: 27, PathNotViable: 28, NonExistentPath: 29,
  InvalidPath: 30, RoleNotFound: 31, PrivilegeNotFound: 33, CannotBackfillArray: 34, UserModificationFailed: 35, ConflictingUpdateOperators: 40,
  CursorNotFound: 43, QueryFeatureNotAllowed: 224, NotExactValueField: 111, DollarPrefixedFieldName: 52, InvalidIdField: 53, NotSingleValueField: 54, InvalidDBRef: 55, EmptyFieldName: 56,
  DottedFieldName: 57, CommandNotFound: 59, ImmutableField: 66, CannotCreateIndex: 67, IndexAlreadyExists: 68,
  InvalidOptions: 72, InvalidNamespace: 73, WriteConcernFailed: 64, MultipleErrorsOccurred: 65, CannotSatisfyWriteConcern: 100, UnknownReplWriteConcern: 79,
  IndexOptionsConflict: 85, IndexKeySpecsConflict: 86, NetworkTimeout: 89, OperationFailed: 96, WriteConcernLegacyOK: 75,
  NotImplemented: 238, WriteConflict: 112, CommandNotSupported: 115, DocumentValidationFailure: 121, ExceededMemoryLimit: 146,
  CommandNotSupportedOnView: 166, OptionNotSupportedOnView: 167, InvalidPipelineOperator: 168, ViewDepthLimitExceeded: 165, InvalidViewDefinition: 182, UnsupportedOpQueryCommand: 352,
  TransactionTooOld: 225, NoSuchTransaction: 251, TransactionCommitted: 256, TransactionTooLarge: 257, OperationNotSupportedInTransaction: 263,
  IncompleteTransactionHistory: 217, IllegalOpMsgFlag: 223, APIVersionError: 322, APIStrictError: 323, APIDeprecationError: 324,
  BSONObjectTooLarge: 10334, DuplicateKey: 11000, Interrupted: 11601, InterruptedAtShutdown: 11600, MaxTimeMSExpired: 50, NamespaceExists: 48, CappedPositionLost: 136,
  ConversionFailure: 241, NoProgressMade: 82, QueryPlanKilled: 175, NoQueryExecutionPlans: 291, StaleClusterTime: 214, TooManyLogicalSessions: 261, MaxSubPipelineDepthExceeded: 232, MergeStageNoMatchingDocument: 13113, NotWritablePrimary: 10107,
  ShutdownInProgress: 91, InvalidUUID: 207, ReadConcernMajorityNotEnabled: 148, SnapshotTooOld: 239, DurationOverflow: 159, SnapshotUnavailable: 246, RegexTimeout: 51091,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292, TooManyFilesOpen: 264, InvalidIndexSpecificationOption: 197, TooManyDocumentSequences: 45, IDLUnknownField: 40415, IDLFailedToParse: 40414,
  IDLDuplicateField: 40413, KeyTooLong: 17280, ClientMetadataMissingField: 183, MechanismUnavailable: 334, DatabaseDifferCase: 13297,
} as const satisfies Record<string, number>;

export type DocumentErrorName = keyof typeof documentErrorCodes;

/** Codes whose number is that of a place: MongoDB names them so on the wire. */
const withoutName: ReadonlySet<string> = new Set(['IDLUnknownField', 'IDLFailedToParse', 'IDLDuplicateField', 'KeyTooLong', 'RegexTimeout']);

const namesByCode = new Map<number, string>(Object.entries(documentErrorCodes).filter(([name]) => !withoutName.has(name)).map(([name, code]) => [code, name]));

export type DocumentErrorOptions = {
  readonly cause?: unknown;
  /** Fields that stand beside the code in the reply: `keyPattern`, `keyValue`, `errInfo`. */
  readonly extra?: Document;
  /** `TransientTransactionError`, `RetryableWriteError`, … */
  readonly labels?: readonly string[];
  /** It came of evaluating constants beforehand, which the original does after it has parsed everything. */
  readonly isOfConstants?: boolean;
};

/** An operation on documents that is refused as MongoDB refuses it. `details` is MongoDB's own text. */
export class DocumentError extends FacetError {
  readonly number: number;
  readonly labels: readonly string[];
  readonly extra: Document | undefined;
  readonly isOfConstants: boolean;

  constructor(code: DocumentErrorName | number, text: string, { cause, extra, labels = [], isOfConstants = false }: DocumentErrorOptions = {}) {
    super('document_refused', text, { cause });
    this.number = typeof code === 'number' ? code : documentErrorCodes[code];
    this.labels = labels;
    this.extra = extra;
    this.isOfConstants = isOfConstants;
  }

  /** `BadValue`, or `Location40415` for a number that has no name. */
  get codeName(): string {
    return codeNameOf(this.number);
  }
}

/** The same refusal with where it arose before its text, as MongoDB puts it; what is no `DocumentError` stays as it is. */
export function inContext(context: string, error: unknown): unknown {
  if (!(error instanceof DocumentError)) return error;
  const { number, details, extra, labels, isOfConstants } = error;
  return new DocumentError(number, `${context} :: caused by :: ${details}`, { cause: error, labels, isOfConstants, ...(extra && { extra }) });
}

export function codeNameOf(code: number): string {
  return namesByCode.get(code) ?? `Location${code}`;
}
