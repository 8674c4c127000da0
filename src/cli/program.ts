// The command `facetdb`: its subcommands, options and help, and what an error becomes. What a subcommand does is in its file.

import { Command, CommanderError, Option } from 'commander';
import { FacetError } from '../kernel/errors.ts';
import { version } from '../kernel/version.ts';
import { type OptionName, type OptionRow, type Settings, flagOf, optionNames, options, variableOf } from '../server/options.ts';
import { readSettings } from '../server/settings.ts';
import { type ExitCode, exitCodeMeanings, exitCodeOf, exitCodes } from './exit-codes.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { type Terminal, showError } from './terminal.ts';
import { type GrantOptions, type UserCommand, addUser, changeRights, listUsers, manageUsers, removeUser, setUserPassword } from './users.ts';

/** Runs the command line and gives its exit code. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const program = createProgram(terminal, (code) => (exitCode = code));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // The parser has written its help or its complaint by itself.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    showError(terminal, error);
    return exitCodeOf(error);
  }
}

/** `finish` takes the exit code of the subcommand that ran. */
export function createProgram(terminal: Terminal, finish: (code: ExitCode) => void): Command {
  const program = new Command('facetdb')
    .description('One database server for every data model, over one PostgreSQL store.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', `\n${examples}\n\n${exitCodeHelp()}`)
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => terminal.stdout.columns ?? helpColumns,
      getErrHelpWidth: () => terminal.stderr.columns ?? helpColumns,
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text) => showError(terminal, parserError(text)),
    })
    .showHelpAfterError('Try "facetdb --help".');
  addStart(program, terminal, finish);
  addStatus(program, terminal, finish);
  addStop(program, terminal, finish);
  addUsers(program, terminal, finish);
  return program;
}

/** The help's width where it does not go to a terminal. */
const helpColumns = 100;

const examples = `Examples:
  facetdb start                                     a server on ./facetdb-data; its URLs are printed
  facetdb start --data /srv/db --http-port off      another folder, no HTTP
  FACETDB_ENGINE=postgres://… facetdb start         on a PostgreSQL that you run
  facetdb users add ann                             a user, with a password made for it
  facetdb users grant ann write on public           … who may read and change the tables of a schema
  facetdb status                                    is it running, and where
  facetdb stop                                      stop it and wait until it has`;

function exitCodeHelp(): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return `Exit codes:\n${names.map((name) => `  ${exitCodes[name]}  ${exitCodeMeanings[name]}`).join('\n')}`;
}

function addStart(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  const command = program
    .command('start')
    .description('run a server until it is stopped')
    .addHelpText('after', `\nEach option is also a variable (${flagOf('httpPort')}: ${variableOf('httpPort')}) and a key of facetdb.config.json ("httpPort").\nFlags win over variables, variables over the file.`);
  addOptions(command, optionNames);
  command.action(async () => {
    // Loaded when it is needed: it is most of the program, and the other commands should answer at once.
    const { start } = await import('./start.ts');
    finish(await start(flagsOf(command), terminal));
  });
}

/** The options that find a server, for the commands that deal with a running one. */
const serverOptions: readonly OptionName[] = ['data', 'config', 'json'];
const serverOptionsHelp: Partial<Record<OptionName, string>> = {
  data: 'data folder of the server (default: ./facetdb-data)',
  engine: 'the users of this PostgreSQL instead: postgres://user:password@host/database',
  json: 'one line of JSON on standard output',
};

function addStatus(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  const command = program.command('status').description('tell whether a server is running on the data folder, and where it answers');
  addOptions(command, serverOptions, serverOptionsHelp);
  command.action(async () => finish(await status(settingsOf(command, terminal), terminal)));
}

function addStop(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  const command = program.command('stop').description('stop the server on the data folder and wait until it has');
  addOptions(command, ['data', 'config'], serverOptionsHelp);
  command.action(async () => finish(await stop(settingsOf(command, terminal), terminal)));
}

function addUsers(program: Command, terminal: Terminal, finish: (code: ExitCode) => void): void {
  const users = program
    .command('users')
    .description("manage the users of a running server: they are PostgreSQL's roles, for every protocol alike")
    .helpCommand('help [command]', 'print the help of a command');
  const add = (usage: string, description: string, command: (...args: never[]) => UserCommand, { json = false } = {}): Command => {
    const subcommand = users.command(usage).description(description);
    addOptions(subcommand, ['data', 'engine', 'config', ...(json ? (['json'] as const) : [])], serverOptionsHelp);
    return subcommand.action(async (...args) => {
      // Commander's arguments: those of the usage, the options, the command itself.
      const userCommand = command(...(args.slice(0, -1) as never[]));
      finish(await manageUsers(settingsOf(subcommand, terminal), terminal, userCommand));
    });
  };
  const passwordStdin = new Option('--password-stdin', 'read the password from standard input (without: one is made and shown once)');

  add('add <name>', 'add a user who can log in', addUser, { json: true })
    .addOption(passwordStdin)
    .option('--superuser', 'may do everything')
    .option('--create-role', 'may add and change users')
    .option('--create-database', 'may create databases');
  add('list', 'list the users', listUsers, { json: true });
  add('remove <name>', 'remove a user', removeUser).option('--reassign-to <role>', 'give what it owns to this user first, in every database');
  for (const kind of ['grant', 'revoke'] as const) {
    add(`${kind} <name> [right...]`, rightsDescription[kind], (name: string, words: string[], given: GrantOptions) => changeRights(kind, name, words, given))
      .usage('[options] <name> read|write|all on SCHEMA[.TABLE]')
      .option('--role <role>', `${kind} all that another role may, instead`)
      .option('--database <name>', 'database of the schema (default: the one in the printed URL)')
      .addHelpText('after', rightsHelp[kind]);
  }
  add('password <name>', "set a user's password", setUserPassword, { json: true }).addOption(passwordStdin);
}

const rightsDescription = { grant: 'let a user read or change data', revoke: 'take rights back' } as const;

const rightsHelp = {
  grant: `
read: look at rows; write: change them as well; all: everything that an owner can give away.
On a schema it counts for the tables that are there now; later ones need a grant of their own
(or ALTER DEFAULT PRIVILEGES in SQL). Names are taken exactly as written: "My Schema"."my.table".`,
  revoke: `
write: rows can still be read, no longer changed. read, all: nothing is left.`,
} as const;

function addOptions(command: Command, names: readonly OptionName[], otherHelp: Partial<Record<OptionName, string>> = {}): void {
  for (const name of names) {
    const row: OptionRow = options[name];
    const option = new Option(row.value === undefined ? flagOf(name) : `${flagOf(name)} <${row.value}>`, helpOf(row, otherHelp[name]));
    command.addOption(option.helpGroup(`${row.group}:`));
  }
}

function helpOf(row: OptionRow, otherHelp: string | undefined): string {
  if (otherHelp !== undefined) return otherHelp;
  const standard = row.defaultText ?? (row.default === undefined || row.default === false ? undefined : String(row.default));
  return standard === undefined ? row.help : `${row.help} (default: ${standard})`;
}

/** What was given on the command line, by option name. */
function flagsOf(command: Command): Partial<Record<OptionName, unknown>> {
  const flags: Partial<Record<OptionName, unknown>> = {};
  for (const option of command.options) {
    const name = optionNames.find((known) => flagOf(known) === option.long);
    const attribute = option.attributeName();
    if (name === undefined || command.getOptionValueSource(attribute) !== 'cli') continue;
    // The parser takes --no-auth for the opposite of an option "auth".
    flags[name] = option.negate ? true : (command.getOptionValue(attribute) as unknown);
  }
  return flags;
}

function settingsOf(command: Command, { environment, folder }: Terminal): Settings {
  return readSettings({ flags: flagsOf(command), environment, folder });
}

/** The parser's complaint (`error: unknown option '--x'`) in the form of all others. */
function parserError(text: string): FacetError {
  return new FacetError('configuration_invalid', text.replace(/^error: /, '').trim().replace(/\n\(/, ' ('));
}
