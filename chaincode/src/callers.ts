import { ClientIdentity, type ChaincodeStub } from 'fabric-shim';
import { callerOf, type Caller } from './access';

/** Callers that are remembered; a consortium has some dozens of certificates. */
const callersMax = 1_024;

/**
 * Who calls, read once per certificate: reading one takes longer than everything else of a small call. What a certificate says
 * never changes, and whether it is still valid is for the peer to check, which it does for every proposal.
 */
export class Callers {
  private readonly known = new Map<string, Caller>();

  /** The organisation and role of a call's sender. Throws what the shim throws for a certificate that it cannot read. */
  public of(stub: ChaincodeStub): Caller {
    const { mspid, idBytes } = stub.getCreator();
    const name = `${mspid}\n${Buffer.from(idBytes).toString('latin1')}`;
    const known = this.known.get(name);
    if (known !== undefined) {
      return known;
    }
    const caller = callerOf(new ClientIdentity(stub));
    if (this.known.size >= callersMax) {
      this.known.clear();
    }
    this.known.set(name, caller);
    return caller;
  }
}
