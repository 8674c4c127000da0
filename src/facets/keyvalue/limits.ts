// The named limits of keys and values. The defaults of what `CONFIG SET` changes are Redis 7.0's.

export const keyvalueLimits = {
  /** Keys of which this process remembers when they were last looked at: 4 MiB. */
  accessesKnown: 2 ** 19,
  /** How often it is looked what the relations and columns that keys stand for are called now; changes of mappings are told. */
  mappingsReadMs: 1_000,
  /** Redis's databases: `SELECT 0` to `SELECT 15`. */
  databases: 16,
  /** A string value, Redis's `proto-max-bulk-len`. */
  stringBytes: 512 * 1024 * 1024,
  /** A key up to this length is its own identity in the store; a longer one is known by its beginning and a digest. */
  identityBytes: 1_000,
  /** A string value up to this length comes with its key; a longer one only when a command needs it. */
  inlineValueBytes: 64 * 1024,
  /** A command that looks at more elements or more bytes, or has more arguments, is carried out alone, in a lane for such. */
  longElements: 10_000,
  longBytes: 4 * 1024 * 1024,
  longArguments: 10_000,
  /** Long values, all together, that one group asks for. */
  groupValueBytes: 64 * 1024 * 1024,
  /** Elements that are written by one statement, and their bytes, roughly. */
  writtenElements: 5_000,
  writtenBytes: 4 * 1024 * 1024,
  /** Such lanes, for reads and for writes. */
  longLanes: 2,
  /** Zeros that are sent to fill a long string up to where something is written; more of them take the way of the whole value. */
  filledBytes: 1024 * 1024,
  /** Bytes of a long string that are looked through at a time. */
  searchedBytes: 4 * 1024 * 1024,
  /** Bytes from the first to the last that a BITFIELD looks at, for which only they are read. */
  windowBytes: 64 * 1024,
  /**
   * Sets, hashes and sorted sets up to this size are read whole where that saves a question: those that Redis keeps in one piece of
   * memory, and reads whole, are no larger. Reading a thousand costs more than a question about a million.
   */
  wholeElements: 512,
  /** A random pick out of a large collection is one of this many elements that follow a random digest. */
  sampleWindow: 16,
  /** Sorted sets from this size on are counted in pieces, of about this many elements each; and those in larger ones. */
  countedElements: 1_000,
  elementsOfPiece: 128,
  elementsOfLargePiece: 16_384,
  /** Elements read ahead at an end of a large sorted set, for pops that follow each other in one unit of work. */
  poppedAhead: 32,
  /** Items of a long list that are moved for one that is put in or taken out; rather than more of them, a run is split. */
  itemsShifted: 256,
  /** From so many runs of a list on, more items are moved: so many that there will not be many more runs. */
  runsBeforeShifting: 1_000,
  /** Items that one LREM takes out of a long list by splitting runs; for more of them the list is renumbered. */
  itemsRemovedApart: 64,
  /** More items that LTRIM drops than keeps are left for the sweeper from this number on. */
  itemsDeletedAtOnce: 10_000,
  /** Positions from the middle of one region of a list to the middle of the next. */
  listRegion: 2 ** 38,
  /** Elements of one page of a scan, whatever its COUNT. */
  scannedElements: 10_000,
  /** How soon a gateway that could not say who waits tries again. */
  registerRetryMs: 500,
  /** How soon it is looked whether transactions that began before a client waited have ended; then less and less often. */
  lookAgainMs: 5,
  lookAgainMsMax: 1_000,
  /** Requests in one group. */
  groupSize: 500,
  /** How often a group that lost a race against another writer of the store is executed again. */
  conflictRetries: 10,
  /** How often a group may ask the store for more, and nothing of it ends, before it is given up (a command that never has enough is a bug). */
  loadRounds: 1_000,
  /** Messages that wait to be sent to other gateways. */
  messagesWaiting: 100_000,
  /** What a gateway remembers of keys' rows for one role, in bytes, and the longest key and value that it remembers. */
  knownBytes: 64 * 1024 * 1024,
  knownValueBytes: 4 * 1024,
  /** A change of more keys makes it forget all, and remember nothing until it has ended. */
  knownChanges: 10_000,
  /** Transactions of writes without a read among them after which all of that is forgotten. */
  knownTransactions: 16_384,
  /** Groups of reads, at most, that do without it while others change the store all the time. */
  wariestReads: 1_024,
  /** References for new collections are taken from the store in blocks of this many. */
  referenceBlock: 1_000,

  /** The sweeper's pause between two rounds while keys with an expiry are there, while there are none, and after an error. */
  sweepPauseMs: 100,
  sweepIdlePauseMs: 1_000,
  sweepFailurePauseMs: 2_000,
  /** How often it sums up key counts, forgets gateways that are gone and looks for new keyspaces. */
  sweepUpkeepMs: 2_000,
  /** How long it waits for a lock. */
  sweepLockMs: 50,
  /** Blocks of keys that a round looks through: so many that all have had their turn after `sweepRounds`, within these bounds. */
  sweepBlocks: 64,
  sweepBlocksMost: 1_024,
  sweepRounds: 300,
  /** What a round frees at most: expired keys, collections that are gone, elements of such. */
  sweepKeys: 1_000,
  sweepCollections: 1_000,
  sweepElements: 10_000,
  /** Addends of a key count that are left as they are. */
  sweepCountRows: 100,
} as const;
