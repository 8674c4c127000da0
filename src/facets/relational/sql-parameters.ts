// Text of SQL with parameters, in the making.

/** `bind` gives a value's place; PostgreSQL infers its type from where it stands. */
export class SqlParameters {
  readonly values: unknown[] = [];

  bind(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
