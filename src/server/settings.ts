// Reads the options from where they are given (flags, variables, the configuration file, a program that embeds FacetDB)
// and checks them. Flags win over variables, variables over the file. Every mistake is reported, each by name and origin.
// The table itself: options.ts. What options mean together: settings-rules.ts.

import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FacetError, messageOf, systemErrorCode } from '../kernel/errors.ts';
import { serverLimits } from './limits.ts';
import { type OptionName, type OptionRow, type Settings, flagOf, isOptionName, optionNames, options, variableOf } from './options.ts';
import { closestName } from './closest-name.ts';
import { type GivenNames, checkSettings } from './settings-rules.ts';

const defaultConfigFile = 'facetdb.config.json';

/** One option as given somewhere. `origin` names it to the user: `--http-port`, `FACETDB_HTTP_PORT`, … */
type GivenOption = { readonly name: OptionName; readonly value: unknown; readonly origin: string; readonly folder: string };

/** What is wrong, a line each. They are collected, so that a user sees all mistakes at once. */
type Problems = string[];

export type SettingsSources = {
  /** By option name, as the command line's parser gives them: texts, or true for a switch. */
  readonly flags: Readonly<Partial<Record<OptionName, unknown>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute: where the configuration file is looked for, and what relative paths start from. */
  readonly folder: string;
};

/** The settings of the command `facetdb`. Throws `configuration_invalid` or `listen_refused`. */
export function readSettings({ flags, environment, folder }: SettingsSources): Settings {
  const problems: Problems = [];
  const fromFlags = Object.entries(flags).map(([name, value]) => ({ name: name as OptionName, value, origin: flagOf(name as OptionName), folder }));
  const fromVariables = readVariables(environment, folder, problems);
  const configFile = fromFlags.concat(fromVariables).find(({ name }) => name === 'config')?.value;
  const fromFile = readConfigFile(configFile, folder, problems);
  return checked([...fromFlags, ...fromVariables, ...fromFile], problems);
}

/** What a program that embeds FacetDB may set: all options but the command's own, values as in the configuration file. */
export type EmbeddingOptions = {
  readonly [Name in OptionName as (typeof options)[Name] extends { isCommandOnly: true } ? never : Name]?: Settings[Name] | undefined;
};

/** The settings of an embedding program. Reads neither variables nor a file. Errors as `readSettings`. */
export function embeddingSettings(given: EmbeddingOptions): Settings {
  const problems: Problems = [];
  const fromProgram: GivenOption[] = [];
  for (const [name, value] of Object.entries(given)) {
    const row: OptionRow | undefined = isOptionName(name) ? options[name] : undefined;
    if (row === undefined || row.isCommandOnly === true) problems.push(`unknown option "${name}"${suggestion(name, optionNames)}`);
    else if (value !== undefined) fromProgram.push({ name: name as OptionName, value, origin: `the option "${name}"`, folder: process.cwd() });
  }
  return checked(fromProgram, problems);
}

/**
 * Variables that begin with FACETDB_ and are not options: those of FacetDB's own tests, and those that Kubernetes puts
 * into every container beside a Service named "facetdb".
 */
const foreignVariable = /^FACETDB_(TEST_.+|SERVICE_(HOST|PORT)(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

function readVariables(environment: SettingsSources['environment'], folder: string, problems: Problems): GivenOption[] {
  const nameByVariable = new Map(optionNames.map((name) => [variableOf(name), name]));
  const given: GivenOption[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('FACETDB_') || foreignVariable.test(variable) || value === undefined) continue;
    const name = nameByVariable.get(variable);
    if (name === undefined) problems.push(`unknown variable ${variable}${suggestion(variable, [...nameByVariable.keys()])}`);
    else given.push({ name, value, origin: variable, folder });
  }
  return given;
}

/** `given` is the value of `--config`; without it the default file is read where it exists. */
function readConfigFile(given: unknown, currentFolder: string, problems: Problems): GivenOption[] {
  if (given !== undefined && typeof given !== 'string') return [];
  const file = resolve(currentFolder, given ?? defaultConfigFile);
  const content = readJsonObject(file, { mustExist: given !== undefined }, problems);
  const label = given ?? defaultConfigFile;
  return Object.entries(content).flatMap(([name, value]) => {
    if (isOptionName(name) && name !== 'config') return [{ name, value, origin: `"${name}" in ${label}`, folder: dirname(file) }];
    problems.push(`unknown option "${name}" in ${label}${suggestion(name, optionNames)}`);
    return [];
  });
}

function readJsonObject(file: string, { mustExist }: { mustExist: boolean }, problems: Problems): Record<string, unknown> {
  try {
    if (statSync(file).size > serverLimits.configFileBytes) {
      problems.push(`${file} is larger than ${serverLimits.configFileBytes} bytes`);
      return {};
    }
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Record<string, unknown>;
    problems.push(`${file} must hold one JSON object`);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' && !mustExist) return {};
    // The text of a JSON mistake quotes the file around it, which may be a password.
    problems.push(error instanceof SyntaxError ? `${file} is not valid JSON` : `${file} cannot be read: ${messageOf(error)}`);
  }
  return {};
}

/** Parses each value, the first of a name counting, and then looks at them together. */
function checked(given: readonly GivenOption[], problems: Problems): Settings {
  const values: Record<string, unknown> = Object.fromEntries(optionNames.map((name) => [name, options[name].default]));
  const origins: GivenNames = {};
  for (const option of given) {
    const row: OptionRow = options[option.name];
    const parsed = row.schema.safeParse(option.value);
    if (!parsed.success) {
      problems.push(`${option.origin}: expected ${row.expects}${row.isSecret === true ? '' : `, not ${JSON.stringify(option.value)}`}`);
    } else if (origins[option.name] === undefined) {
      origins[option.name] = option.origin;
      values[option.name] = row.isPath === true ? resolve(option.folder, parsed.data as string) : parsed.data;
    }
  }
  if (problems.length > 0) throw new FacetError('configuration_invalid', problems.join('\n'));
  const settings = values as Settings;
  checkSettings(settings, origins);
  return settings;
}

function suggestion(name: string, known: readonly string[]): string {
  const closest = closestName(name, known);
  return closest === undefined ? '' : ` (did you mean ${closest}?)`;
}
