// The tour's data: public data sets that the npm package `vega-datasets` carries (see its README for their sources).

import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export type Flight = { readonly date: string; readonly delay: number; readonly distance: number; readonly origin: string; readonly destination: string };

/** A text file to be streamed, and its size. */
export type TextSource = { readonly stream: Readable; readonly bytes: number };

/** 3,376 airports of the USA as CSV with a header: iata, name, city, state, country, latitude, longitude. */
export async function airportsAsCsv(): Promise<TextSource> {
  const file = fileOf('airports.csv');
  return { stream: createReadStream(file), bytes: (await stat(file)).size };
}

/** 20,000 flights of 2001, as lines of COPY's text format: time, origin, destination, distance, delay. */
export async function flightsAsLines(): Promise<TextSource> {
  const flights = JSON.parse(await readFile(fileOf('flights-20k.json'), 'utf8')) as Flight[];
  const lines = flights.map(({ date, origin, destination, distance, delay }) => `${date}\t${origin}\t${destination}\t${distance}\t${delay}\n`);
  const portions = Array.from({ length: Math.ceil(lines.length / 1000) }, (_, index) => Buffer.from(lines.slice(index * 1000, (index + 1) * 1000).join('')));
  return { stream: Readable.from(portions), bytes: portions.reduce((sum, portion) => sum + portion.length, 0) };
}

/** 3,201 films as one JSON array of objects with keys such as "Title" and "IMDB Rating". */
export async function moviesAsJson(): Promise<string> {
  return await readFile(fileOf('movies.json'), 'utf8');
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.resolve('vega-datasets')));
}
