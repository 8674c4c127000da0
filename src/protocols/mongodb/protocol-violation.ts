// What no client that keeps to the protocol does. The connection ends: what follows cannot be understood.

export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}
