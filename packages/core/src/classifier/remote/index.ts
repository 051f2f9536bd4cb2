/** @file Classifiers behind HTTP. */

export { type EndpointAdapter, PLACEHOLDERS, withoutSecrets } from './adapter.ts';
export type { QueryMemory, RemoteAnswer, RemoteHost, RemoteRequest, RemoteResponse } from './exchange.ts';
export type { Dialogue, RemoteProtocol, RemoteSubject } from './protocol.ts';
export { PROTOCOLS, protocolAt } from './protocols.ts';
export { RemoteClassifier, type RemoteOptions } from './remote-classifier.ts';
export type { RemoteReading } from './remote-reading.ts';
