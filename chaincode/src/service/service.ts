import { InvariantError, RuleError } from '@flexledger/domain';
import { JSONSerializer } from 'fabric-contract-api';
import { Shim, type ChaincodeInterface, type ChaincodeResponse, type ChaincodeStub } from 'fabric-shim';
import ChaincodeFromContract = require('fabric-shim/lib/contract-spi/chaincodefromcontract');
import { checkCall, type CheckedCall } from './call-guard';
import { Callers } from '../callers';
import { contracts } from '../contracts';
import type { GridContext } from '../grid-context';

/** The contract API's own transaction that answers the ABI. */
const metadataFunction = 'org.hyperledger.fabric:GetMetadata';

interface RawStub extends ChaincodeStub {
  getBufferArgs(): Uint8Array[];
}

/** How a transaction of a contract is called. */
type Transaction = (context: GridContext, request: string) => Promise<string>;

/** The contracts as the contract API serves them, with their metadata. */
export function contractApi(): ChaincodeFromContract {
  const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } };
  return new ChaincodeFromContract([...contracts], serializers, {}, 'flexledger', '1');
}

/** How calls reach the contracts; a benchmark switches this to see what it brings. */
export interface ChaincodeOptions {
  /** Whether every call goes through the contract API, as in the samples of Fabric. Default false. */
  readonly throughContractApi?: boolean;
}

/**
 * The chaincode: every call passes the guard and then goes straight to its contract. The contract API would compile a schema for
 * the one string that a transaction takes, and read the caller's certificate, in each call; it still answers the ABI.
 */
export class GuardedChaincode implements ChaincodeInterface {
  private madeApi: ChaincodeFromContract | undefined;
  private readonly contracts = new Map(
    contracts.map((Contract) => {
      const contract = new Contract();
      return [contract.getName(), contract] as const;
    }),
  );
  private readonly callers = new Callers();

  public constructor(private readonly options: ChaincodeOptions = {}) {}

  public Init(): Promise<ChaincodeResponse> {
    return Promise.resolve(Shim.error(new RuleError('CALL_FUNCTION_UNKNOWN').message));
  }

  public async Invoke(stub: ChaincodeStub): Promise<ChaincodeResponse> {
    const callArguments = (stub as RawStub).getBufferArgs();
    if (Buffer.from(callArguments[0] ?? []).toString('utf8') === metadataFunction) {
      return this.api().Invoke(stub);
    }
    let call: CheckedCall;
    try {
      call = checkCall(callArguments);
    } catch (error) {
      const known = error instanceof RuleError ? error : new InvariantError('A call could not be checked.');
      return Shim.error(known.message);
    }
    return this.options.throughContractApi === true ? this.api().Invoke(stub) : this.run(stub, call);
  }

  /** The contract API, made when it is first asked: it checks its metadata by a schema, which a start need not wait for. */
  private api(): ChaincodeFromContract {
    this.madeApi ??= contractApi();
    return this.madeApi;
  }

  private async run(
    stub: ChaincodeStub,
    { contract: name, transaction, request }: CheckedCall,
  ): Promise<ChaincodeResponse> {
    try {
      const contract = this.contracts.get(name);
      const method: unknown = contract === undefined ? undefined : Reflect.get(contract, transaction);
      if (contract === undefined || typeof method !== 'function') {
        throw new InvariantError('Every transaction of the manifest has a method.');
      }
      const context = contract.createContext();
      context.stub = stub;
      context.logging = { setLevel: () => undefined, getLogger: (area) => Shim.newLogger(area ?? name) };
      context.useCaller(this.callers.of(stub));
      return Shim.success(Buffer.from(await (method as Transaction).call(contract, context, request), 'utf8'));
    } catch (error) {
      // Contracts throw errors with codes only; what else there is comes from reading the caller's certificate.
      const known =
        error instanceof RuleError || error instanceof InvariantError
          ? error
          : new InvariantError('A caller could not be read.', { cause: error });
      return Shim.error(known.message);
    }
  }
}
