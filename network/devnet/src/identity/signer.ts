import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { serializeIdentity, toLowS } from '@flexledger/fabric-model';
import { readLocalMsp } from '@flexledger/topology';
import { common } from '@hyperledger/fabric-protos';

/** An identity with its private key. */
export interface Signer {
  readonly mspId: string;
  /** The serialised identity: MSP id and certificate. */
  readonly serialized: Uint8Array;
  /** ECDSA over SHA-256, low S, DER. */
  sign(message: Uint8Array): Uint8Array;
}

/** A signer from a local MSP folder. @throws CryptoMaterialError (TOPOLOGY_MATERIAL_MISSING). */
export function loadSigner(mspFolder: string, mspId: string, what: string): Signer {
  const { certificatePem, privateKeyPem } = readLocalMsp(mspFolder, mspId, what);
  const key = createPrivateKey(privateKeyPem);
  return {
    mspId,
    serialized: serializeIdentity(mspId, certificatePem),
    sign: (message) => toLowS(sign('sha256', message, { key, dsaEncoding: 'der' })),
  };
}

/** A fresh signature header of this signer. */
export function newSignatureHeader(signer: Signer): Uint8Array {
  const header = new common.SignatureHeader();
  header.setCreator(signer.serialized);
  header.setNonce(randomBytes(24));
  return header.serializeBinary();
}
