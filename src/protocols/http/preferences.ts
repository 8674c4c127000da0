// The header Prefer (RFC 7240), of which "return" is understood; others are to be ignored, as it says.

export type ReturnPreference = 'minimal' | 'representation';

export function returnPreferenceOf(header: string | string[] | undefined): ReturnPreference | undefined {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const found = /(?:^|[,;])\s*return\s*=\s*"?(minimal|representation)"?\s*(?=$|[,;])/i.exec(text);
  return found?.[1]?.toLowerCase() as ReturnPreference | undefined;
}
