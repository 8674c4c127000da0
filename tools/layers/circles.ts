// Files that import each other in a circle: which of them is ready first, when they are loaded, depends on who asks.

/** The circles of a graph of imports (file → the files that it imports), each sorted by name; none for a tree without. */
export function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  // Tarjan's algorithm, with a stack of its own: a chain of imports may be long.
  const indexOf = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const circles: string[][] = [];
  for (const root of imports.keys()) {
    if (indexOf.has(root)) continue;
    const visits = [visit(root)];
    for (let top = visits.at(-1); top !== undefined; top = visits.at(-1)) {
      const next = top.targets.pop();
      if (next === undefined) {
        visits.pop();
        const parent = visits.at(-1)?.file;
        if (parent !== undefined) lower(parent, lowest.get(top.file)!);
        if (lowest.get(top.file) === indexOf.get(top.file)) close(top.file);
      } else if (!indexOf.has(next)) visits.push(visit(next));
      else if (onPath.has(next)) lower(top.file, indexOf.get(next)!);
    }
  }
  return circles;

  function visit(file: string): { readonly file: string; readonly targets: string[] } {
    indexOf.set(file, indexOf.size);
    lowest.set(file, indexOf.get(file)!);
    path.push(file);
    onPath.add(file);
    return { file, targets: (imports.get(file) ?? []).filter((target) => imports.has(target)) };
  }

  function lower(file: string, index: number): void {
    lowest.set(file, Math.min(lowest.get(file)!, index));
  }

  function close(first: string): void {
    const members = path.splice(path.lastIndexOf(first));
    for (const member of members) onPath.delete(member);
    if (members.length > 1) circles.push(members.toSorted());
  }
}
