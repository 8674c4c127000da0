// Which of the media types that a route can give the client wants most (RFC 9110, "Accept").

class NotAcceptable extends Error {
  readonly statusCode = 406;
}

/** The first of `offered` among those that the header values equally. Throws, as 406, where it wants none of them. */
export function preferredType<Type extends string>(accept: string | undefined, offered: readonly [Type, ...Type[]]): Type {
  let best: Type | undefined;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityOf(accept ?? '*/*', type);
    if (quality > bestQuality) [best, bestQuality] = [type, quality];
  }
  if (best === undefined) throw new NotAcceptable(`there are only ${offered.join(', ')}`);
  return best;
}

function qualityOf(accept: string, type: string): number {
  let found = { quality: 0, precision: -1 };
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const precision = name === type ? 2 : name === `${type.split('/')[0]}/*` ? 1 : name === '*/*' ? 0 : -1;
    if (precision <= found.precision) continue;
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = q === undefined ? 1 : Number(q.slice(2));
    found = { quality: quality >= 0 && quality <= 1 ? quality : 0, precision };
  }
  return found.quality;
}
