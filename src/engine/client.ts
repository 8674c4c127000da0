// What the rest of FacetDB uses of the PostgreSQL client in wire/.

export { Connection } from './wire/connection.ts';
export { type CopyEnd, type RowHandler, type Step, rowCountOf } from './wire/request.ts';
export { type Column, objectOf } from './wire/row-description.ts';
export { type DataRow } from './wire/backend-reader.ts';
export { Statement, statement } from './wire/statement.ts';
export { type ScramKeys } from './wire/scram-client.ts';
