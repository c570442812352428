/** The shim's own adapter from contracts to the chaincode interface; it is not part of its typed surface. */
declare module 'fabric-shim/lib/contract-spi/chaincodefromcontract' {
  import type { ChaincodeInterface, ChaincodeResponse, ChaincodeStub } from 'fabric-shim';

  interface Serializers {
    readonly transaction: string;
    readonly serializers: Readonly<Record<string, unknown>>;
  }

  class ChaincodeFromContract implements ChaincodeInterface {
    public readonly metadata: unknown;
    public constructor(
      contracts: readonly unknown[],
      serializers: Serializers,
      metadata: object,
      title: string,
      version: string,
    );
    public Init(stub: ChaincodeStub): Promise<ChaincodeResponse>;
    public Invoke(stub: ChaincodeStub): Promise<ChaincodeResponse>;
  }
  export = ChaincodeFromContract;
}
