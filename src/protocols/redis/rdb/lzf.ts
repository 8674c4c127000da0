// LZF, the compression of long strings in RDB: runs of literal bytes and references to what came before.

/** What was compressed, or undefined when these bytes are not LZF of that length. */
export function decompressLzf(bytes: Buffer, length: number): Buffer | undefined {
  const output = Buffer.alloc(length);
  let from = 0;
  let to = 0;
  while (from < bytes.length) {
    const control = bytes[from++]!;
    if (control < 32) {
      const run = control + 1;
      if (from + run > bytes.length || to + run > length) return undefined;
      bytes.copy(output, to, from, from + run);
      from += run;
      to += run;
      continue;
    }
    const short = control >> 5;
    if (from + (short === 7 ? 2 : 1) > bytes.length) return undefined;
    const run = (short === 7 ? 7 + bytes[from++]! : short) + 2;
    const start = to - (((control & 0x1f) << 8) | bytes[from++]!) - 1;
    if (start < 0 || to + run > length) return undefined;
    // Byte by byte: a reference may reach into what it writes.
    for (let index = 0; index < run; index++) output[to++] = output[start + index]!;
  }
  return to === length ? output : undefined;
}
