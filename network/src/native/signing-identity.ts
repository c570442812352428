import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import type { IdentityMaterial } from '@flexledger/topology';
import { signers, type Identity, type Signer } from '@hyperledger/fabric-gateway';
import { common, msp } from '@hyperledger/fabric-protos';

const NONCE_BYTES = 24;

/** A certificate with its key, as the nodes of Fabric want to see it: serialised, and with signatures over SHA-256. */
export class SigningIdentity {
  public readonly mspId: string;
  /** For the gateway client. */
  public readonly identity: Identity;
  /** Signs a SHA-256 digest. */
  public readonly signer: Signer;

  public constructor(material: IdentityMaterial) {
    this.mspId = material.mspId;
    this.identity = { mspId: material.mspId, credentials: Buffer.from(material.certificatePem) };
    this.signer = signers.newPrivateKeySigner(createPrivateKey(material.privateKeyPem));
  }

  /** The serialised identity. */
  public creator(): Uint8Array {
    const creator = new msp.SerializedIdentity();
    creator.setMspid(this.identity.mspId);
    creator.setIdBytes(this.identity.credentials);
    return creator.serializeBinary();
  }

  /** A header that names this identity, with a nonce of its own. */
  public signatureHeader(): common.SignatureHeader {
    const header = new common.SignatureHeader();
    header.setCreator(this.creator());
    header.setNonce(randomBytes(NONCE_BYTES));
    return header;
  }

  /** Signs bytes; they are hashed here. */
  public async sign(bytes: Uint8Array): Promise<Uint8Array> {
    return this.signer(createHash('sha256').update(bytes).digest());
  }
}
