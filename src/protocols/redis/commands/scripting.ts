// SCRIPT and FUNCTION as a server answers that holds no scripts and no functions; running them follows in a later version.

import type { Command } from '../command.ts';
import { oneOf, text, word } from '../command-syntax.ts';
import { wordOf } from '../arguments.ts';
import type { RedisConnection } from '../connection.ts';
import { helpOf } from '../help.ts';
import { RedisError } from '../redis-error.ts';
import { type Reply, ok } from '../reply.ts';

const scripting = 'scripts and functions follow in a later version';

const scriptCommand: Command = {
    name: 'script', group: 'scripting', since: '2.6.0', summary: 'A container for Lua scripts management commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: [
    {
      name: 'script|debug', group: 'scripting', since: '3.2.0', summary: 'Set the debug mode for executed scripts.', complexity: 'O(1)',
      arity: 3, flags: ['noscript'], unsupported: scripting,
    },
    {
      name: 'script|exists', group: 'scripting', since: '2.6.0', summary: 'Check existence of scripts in the script cache.', complexity: 'O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).',
      syntax: [text('sha1', { multiple: true })],
      arity: -3, flags: ['noscript'], local: scriptExists,
    },
    {
      name: 'script|flush', group: 'scripting', since: '2.6.0', summary: 'Remove all the scripts from the script cache.', complexity: 'O(N) with N being the number of scripts in cache',
      history: [['6.2.0', 'Added the `ASYNC` and `SYNC` flushing mode modifiers.']],
      syntax: [oneOf('async', [word('ASYNC'), word('SYNC')], { optional: true, since: '6.2.0' })],
      arity: -2, flags: ['noscript'], local: scriptFlush,
    },
    {
      name: 'script|help', group: 'scripting', since: '5.0.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: scriptHelp,
    },
    {
      name: 'script|kill', group: 'scripting', since: '2.6.0', summary: 'Kill the script currently in execution.', complexity: 'O(1)',
      arity: 2, flags: ['noscript', 'allow_busy'], local: scriptKill,
    },
    {
      name: 'script|load', group: 'scripting', since: '2.6.0', summary: 'Load the specified Lua script into the script cache.', complexity: 'O(N) with N being the length in bytes of the script body.',
      arity: 3, flags: ['noscript', 'stale'], unsupported: scripting,
    },
  ],
};

const functionCommand: Command = {
    name: 'function', group: 'scripting', since: '7.0.0', summary: 'A container for function commands', complexity: 'Depends on subcommand.',
    arity: -2, flags: [], subcommands: [
    {
      name: 'function|delete', group: 'scripting', since: '7.0.0', summary: 'Delete a function by name', complexity: 'O(1)',
      arity: 3, flags: ['write', 'noscript'], unsupported: scripting,
    },
    {
      name: 'function|dump', group: 'scripting', since: '7.0.0', summary: 'Dump all functions into a serialized binary payload', complexity: 'O(N) where N is the number of functions',
      arity: 2, flags: ['noscript'], unsupported: scripting,
    },
    {
      name: 'function|flush', group: 'scripting', since: '7.0.0', summary: 'Deleting all functions', complexity: 'O(N) where N is the number of functions deleted',
      syntax: [oneOf('async', [word('ASYNC'), word('SYNC')], { optional: true })],
      arity: -2, flags: ['write', 'noscript'], local: functionFlush,
    },
    {
      name: 'function|help', group: 'scripting', since: '7.0.0', summary: 'Show helpful text about the different subcommands', complexity: 'O(1)',
      arity: 2, flags: ['loading', 'stale'], local: functionHelp,
    },
    {
      name: 'function|kill', group: 'scripting', since: '7.0.0', summary: 'Kill the function currently in execution.', complexity: 'O(1)',
      arity: 2, flags: ['noscript', 'allow_busy'], local: functionKill,
    },
    {
      name: 'function|list', group: 'scripting', since: '7.0.0', summary: 'List information about all the functions', complexity: 'O(N) where N is the number of functions',
      syntax: [text('library-name-pattern', { token: 'LIBRARYNAME', optional: true }), word('WITHCODE', { optional: true })],
      arity: -2, flags: ['noscript'], local: functionList,
    },
    {
      name: 'function|load', group: 'scripting', since: '7.0.0', summary: 'Create a function with the given arguments (name, code, description)', complexity: 'O(1) (considering compilation time is redundant)',
      arity: -3, flags: ['write', 'denyoom', 'noscript'], unsupported: scripting,
    },
    {
      name: 'function|restore', group: 'scripting', since: '7.0.0', summary: 'Restore all the functions on the given payload', complexity: 'O(N) where N is the number of functions on the payload',
      arity: -3, flags: ['write', 'denyoom', 'noscript'], unsupported: scripting,
    },
    {
      name: 'function|stats', group: 'scripting', since: '7.0.0', summary: 'Return information about the function currently running (name, description, duration)', complexity: 'O(1)',
      arity: 2, flags: ['noscript', 'allow_busy'], local: functionStats,
    },
  ],
};

export const scriptingCommands: readonly Command[] = [functionCommand, scriptCommand];

function scriptExists(_connection: RedisConnection, digests: readonly Buffer[]): Reply {
  return digests.map(() => 0);
}

/** There is nothing to forget. */
function scriptFlush(_connection: RedisConnection, args: readonly Buffer[]): Reply {
  const mode = wordOf(args[0]);
  if (args.length > 1 || (args.length === 1 && mode !== 'ASYNC' && mode !== 'SYNC')) {
    throw new RedisError('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
  }
  return ok;
}

function scriptKill(): Reply {
  throw new RedisError('NOTBUSY No scripts in execution right now.');
}

function functionFlush(_connection: RedisConnection, args: readonly Buffer[]): Reply {
  const mode = wordOf(args[0]);
  if (args.length > 1 || (args.length === 1 && mode !== 'ASYNC' && mode !== 'SYNC')) {
    throw new RedisError('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
  }
  return ok;
}

function functionKill(): Reply {
  throw new RedisError('NOTBUSY No scripts in execution right now.');
}

function functionList(_connection: RedisConnection, args: readonly Buffer[]): Reply {
  for (let at = 0; at < args.length; at++) {
    const word = wordOf(args[at]);
    if (word === 'WITHCODE') continue;
    if (word !== 'LIBRARYNAME') throw new RedisError(`ERR Unknown argument ${args[at]!.toString()}`);
    at += 1;
    if (at >= args.length) throw new RedisError('ERR library name argument was not given');
  }
  return [];
}

function functionStats(): Reply {
  return new Map<Reply, Reply>([['running_script', null], ['engines', new Map<Reply, Reply>()]]);
}

function scriptHelp(): Reply {
  return helpOf('SCRIPT', [
    'DEBUG (YES|SYNC|NO)',
    '    Set the debug mode for subsequent scripts executed.',
    'EXISTS <sha1> [<sha1> ...]',
    '    Return information about the existence of the scripts in the script cache.',
    'FLUSH [ASYNC|SYNC]',
    '    Flush the Lua scripts cache. Very dangerous on replicas.',
    '    When called without the optional mode argument, the behavior is determined by the',
    '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
    '    * ASYNC: Asynchronously flush the scripts cache.',
    '    * SYNC: Synchronously flush the scripts cache.',
    'KILL',
    '    Kill the currently executing Lua script.',
    'LOAD <script>',
    '    Load a script into the scripts cache without executing it.',
  ]);
}

function functionHelp(): Reply {
  return helpOf('FUNCTION', [
    'LOAD [REPLACE] <FUNCTION CODE>',
    '    Create a new library with the given library name and code.',
    'DELETE <LIBRARY NAME>',
    '    Delete the given library.',
    'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
    '    Return general information on all the libraries:',
    '    * Library name',
    '    * The engine used to run the Library',
    '    * Library description',
    '    * Functions list',
    '    * Library code (if WITHCODE is given)',
    '    It also possible to get only function that matches a pattern using LIBRARYNAME argument.',
    'STATS',
    '    Return information about the current function running:',
    '    * Function name',
    '    * Command used to run the function',
    '    * Duration in MS that the function is running',
    '    If no function is running, return nil',
    '    In addition, returns a list of available engines.',
    'KILL',
    '    Kill the current running function.',
    'FLUSH [ASYNC|SYNC]',
    '    Delete all the libraries.',
    '    When called without the optional mode argument, the behavior is determined by the',
    '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
    '    * ASYNC: Asynchronously flush the libraries.',
    '    * SYNC: Synchronously flush the libraries.',
    'DUMP',
    '    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command',
    'RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]',
    '    Restore the libraries represented by the given payload, it is possible to give a restore policy to',
    '    control how to handle existing libraries (default APPEND):',
    '    * FLUSH: delete all existing libraries.',
    '    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.',
    '    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old',
    '      libraries with the new libraries (notice that even on this option there is a chance of failure',
    '      in case of functions name collision with another library).',
  ]);
}
