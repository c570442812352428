import { InvariantError, RuleError } from '@flexledger/domain';
import { JSONSerializer } from 'fabric-contract-api';
import { Shim, type ChaincodeInterface, type ChaincodeResponse, type ChaincodeStub } from 'fabric-shim';
import ChaincodeFromContract = require('fabric-shim/lib/contract-spi/chaincodefromcontract');
import { checkCall } from './call-guard';
import { contracts } from './contracts';

/** The contract API's own transaction that answers the ABI. */
const metadataFunction = 'org.hyperledger.fabric:GetMetadata';

interface RawStub extends ChaincodeStub {
  getBufferArgs(): Uint8Array[];
}

/** The contracts as the contract API serves them, with their metadata. */
export function contractApi(): ChaincodeFromContract {
  const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } };
  return new ChaincodeFromContract([...contracts], serializers, {}, 'flexledger', '1');
}

/** The chaincode: every call passes the guard and then the contract API. */
export class GuardedChaincode implements ChaincodeInterface {
  private readonly api = contractApi();

  public Init(): Promise<ChaincodeResponse> {
    return Promise.resolve(Shim.error(new RuleError('CALL_FUNCTION_UNKNOWN').message));
  }

  public async Invoke(stub: ChaincodeStub): Promise<ChaincodeResponse> {
    const callArguments = (stub as RawStub).getBufferArgs();
    try {
      if (Buffer.from(callArguments[0] ?? []).toString('utf8') !== metadataFunction) {
        checkCall(callArguments);
      }
    } catch (error) {
      const known = error instanceof RuleError ? error : new InvariantError('A call could not be checked.');
      return Shim.error(known.message);
    }
    return this.api.Invoke(stub);
  }
}
