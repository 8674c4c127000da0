// What the rest of FacetDB uses of the PostgreSQL client in wire/.

export { Connection, type Column, type CopyEnd, type RowHandler, type Step, objectOf, rowCountOf } from './wire/connection.ts';
export { type DataRow } from './wire/backend-reader.ts';
export { Statement, statement } from './wire/statement.ts';
export { type ScramKeys } from './wire/scram-client.ts';
