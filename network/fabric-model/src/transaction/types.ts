import type { ReadWriteSet } from '../rwset/types';

/** A protobuf timestamp. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** What a chaincode answered; 200 to 399 is success. */
export interface ChaincodeResponse {
  readonly status: number;
  readonly message: string;
  readonly payload: Uint8Array;
}

/** One endorser's signature over proposal response payload and endorser. */
export interface Endorsement {
  /** SerializedIdentity bytes. */
  readonly endorser: Uint8Array;
  readonly signature: Uint8Array;
}

/** The event that a contract set. */
export interface ChaincodeEvent {
  readonly chaincodeName: string;
  readonly transactionId: string;
  readonly eventName: string;
  readonly payload: Uint8Array;
}

/** A decoded proposal. */
export interface ParsedProposal {
  readonly bytes: Uint8Array;
  readonly headerBytes: Uint8Array;
  readonly channelHeaderBytes: Uint8Array;
  readonly signatureHeaderBytes: Uint8Array;
  readonly channelId: string;
  readonly transactionId: string;
  readonly headerType: number;
  readonly epoch: number;
  readonly timestamp: Timestamp;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly chaincodeName: string;
  readonly args: readonly Uint8Array[];
  readonly isInit: boolean;
  readonly transient: ReadonlyMap<string, Uint8Array>;
  /** ChaincodeProposalPayload without the transient map, as it goes into the envelope. */
  readonly payloadWithoutTransientBytes: Uint8Array;
  readonly proposalHash: Uint8Array;
}

/** Header of an envelope, with the parts that signatures cover. */
export interface EnvelopeHeader {
  readonly headerType: number;
  readonly channelId: string;
  readonly transactionId: string;
  readonly epoch: number;
  readonly timestamp: Timestamp;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly channelHeaderBytes: Uint8Array;
  readonly signatureHeaderBytes: Uint8Array;
  /** ChaincodeHeaderExtension for endorser transactions. */
  readonly extensionBytes: Uint8Array;
  /** Payload bytes: what the signature covers. */
  readonly payloadBytes: Uint8Array;
  readonly dataBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** An endorser transaction in full. */
export interface ParsedTransaction {
  readonly transactionId: string;
  readonly channelId: string;
  readonly creator: Uint8Array;
  readonly nonce: Uint8Array;
  readonly timestamp: Timestamp;
  readonly chaincodeName: string;
  readonly chaincodeVersion: string;
  readonly args: readonly Uint8Array[];
  readonly response: ChaincodeResponse;
  readonly readWriteSetBytes: Uint8Array;
  readonly readWriteSet: ReadWriteSet;
  readonly event: ChaincodeEvent | undefined;
  readonly proposalResponsePayload: Uint8Array;
  readonly proposalHash: Uint8Array;
  readonly endorsements: readonly Endorsement[];
}
