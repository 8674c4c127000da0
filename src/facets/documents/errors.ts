// The errors of the document language. A driver acts on the number, so the number is part of the language itself;
// how an error travels is the protocol's. Source: MongoDB 7.0, src/mongo/base/error_codes.yml and its manual.

import { FacetError } from '../../kernel/errors.ts';
import type { Document } from '../../values/bson/types.ts';

/** MongoDB's error codes by name; those without a name are numbers of one place in its source ("Location40415"). */
export const documentErrorCodes = {
  InternalError: 1, BadValue: 2, NoSuchKey: 4, GraphContainsCycle: 5, HostUnreachable: 6, HostNotFound: 7, UnknownError: 8, FailedToParse: 9,
  CannotMutateObject: 10, UserNotFound: 11, UnsupportedFormat: 12, Unauthorized: 13, TypeMismatch: 14, Overflow: 15, InvalidLength: 16,
  ProtocolError: 17, AuthenticationFailed: 18, CannotReuseObject: 19, IllegalOperation: 20, EmptyArrayOperation: 21, InvalidBSON: 22,
  AlreadyInitialized: 23, LockTimeout: 24, NamespaceNotFound: 26, IndexNotFound: 27, PathNotViable: 28, NonExistentPath: 29, InvalidPath: 30,
  RoleNotFound: 31, PrivilegeNotFound: 33, CannotBackfillArray: 34, UserModificationFailed: 35, ConflictingUpdateOperators: 40, CursorNotFound: 43,
  NamespaceExists: 48, MaxTimeMSExpired: 50, DollarPrefixedFieldName: 52, InvalidIdField: 53, NotSingleValueField: 54, InvalidDBRef: 55,
  EmptyFieldName: 56, DottedFieldName: 57, CommandNotFound: 59, ShardKeyNotFound: 61, StaleShardVersion: 63, WriteConcernFailed: 64,
  MultipleErrorsOccurred: 65, ImmutableField: 66, CannotCreateIndex: 67, IndexAlreadyExists: 68, InvalidOptions: 72, InvalidNamespace: 73,
  WriteConcernLegacyOK: 75, NoReplicationEnabled: 76, UnknownReplWriteConcern: 79, NoProgressMade: 82, IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86, NetworkTimeout: 89, CallbackCanceled: 90, ShutdownInProgress: 91, NotSecondary: 95, OperationFailed: 96, UnsatisfiableWriteConcern: 100,
  NotExactValueField: 111, WriteConflict: 112, CommandNotSupported: 115, DocTooLargeForCapped: 116, ConflictingOperationInProgress: 117,
  DocumentValidationFailure: 121, CommandFailed: 125, FailedToSatisfyReadPreference: 133, ReadConcernMajorityNotAvailableYet: 134,
  CappedPositionLost: 136, CursorInUse: 143, ExceededMemoryLimit: 146, ReadConcernMajorityNotEnabled: 148, StaleEpoch: 150, DurationOverflow: 159,
  MaxStalenessOutOfRange: 160, ViewDepthLimitExceeded: 165, CommandNotSupportedOnView: 166, OptionNotSupportedOnView: 167,
  InvalidPipelineOperator: 168, CannotIndexParallelArrays: 171, QueryPlanKilled: 175, AmbiguousIndexKeyPattern: 181, InvalidViewDefinition: 182,
  ClientMetadataMissingField: 183, ClientMetadataAppNameTooLarge: 184, ClientMetadataDocumentTooLarge: 185, ClientMetadataCannotBeMutated: 186,
  LinearizableReadConcernError: 187, PrimarySteppedDown: 189, FailPointEnabled: 192, ViewPipelineMaxSizeExceeded: 195,
  InvalidIndexSpecificationOption: 197, CannotBuildIndexKeys: 201, NoSuchSession: 206, InvalidUUID: 207, StaleClusterTime: 209, KeyNotFound: 211,
  IncompleteTransactionHistory: 217, UpdateOperationFailed: 218, CloseChangeStream: 222, IllegalOpMsgFlag: 223, QueryFeatureNotAllowed: 224,
  TransactionTooOld: 225, AtomicityFailure: 226, MaxSubPipelineDepthExceeded: 232, TooManyDocumentSequences: 233, RetryChangeStream: 234,
  CursorKilled: 237, NotImplemented: 238, SnapshotTooOld: 239, ConversionFailure: 241, CannotCreateCollection: 242, SnapshotUnavailable: 246,
  NoSuchTransaction: 251, TransactionCommitted: 256, TransactionTooLarge: 257, TooManyLogicalSessions: 261, ExceededTimeLimit: 262,
  OperationNotSupportedInTransaction: 263, TooManyFilesOpen: 264, FailPointSetFailed: 266, PreparedTransactionInProgress: 267, ClientDisconnect: 279,
  TransactionExceededLifetimeLimitSeconds: 290, NoQueryExecutionPlans: 291, QueryExceededMemoryLimitNoDiskUseAllowed: 292, APIVersionError: 322,
  APIStrictError: 323, APIDeprecationError: 324, MechanismUnavailable: 334, UnsupportedOpQueryCommand: 352, CollectionUUIDMismatch: 361,
  TemporarilyUnavailable: 365, ReauthenticationRequired: 391, SocketException: 9001, CannotGrowDocumentInCappedNamespace: 10_003,
  NotWritablePrimary: 10_107, BSONObjectTooLarge: 10_334, DuplicateKey: 11_000, InterruptedAtShutdown: 11_600, Interrupted: 11_601,
  InterruptedDueToReplStateChange: 11_602, MergeStageNoMatchingDocument: 13_113, DatabaseDifferCase: 13_297, StaleConfig: 13_388,
  NotPrimaryNoSecondaryOk: 13_435, NotPrimaryOrSecondary: 13_436, OutOfDiskSpace: 14_031, KeyTooLong: 17_280, IDLDuplicateField: 40_413,
  IDLFailedToParse: 40_414, IDLUnknownField: 40_415, RegexTimeout: 51_091,
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
