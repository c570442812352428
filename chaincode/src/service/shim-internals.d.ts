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

/** The shim's server with the method that gRPC calls for a peer that connects; its typed surface leaves that out. */
declare module 'fabric-shim/lib/server' {
  import type { peer } from '@hyperledger/fabric-protos';
  import type { ChaincodeInterface, ChaincodeServerOpts } from 'fabric-shim';

  class ChaincodeServer {
    public constructor(chaincode: ChaincodeInterface, options: ChaincodeServerOpts);
    public start(): Promise<void>;
    public connect(stream: ChaincodeServer.PeerStream): void;
  }
  namespace ChaincodeServer {
    /** The stream of messages with one peer. */
    interface PeerStream {
      on(event: 'data', listener: (message: peer.ChaincodeMessage) => void): unknown;
    }
  }
  export = ChaincodeServer;
}

/** The loggers of the contract API, by the name of their file; its typed surface leaves them out. */
declare module 'fabric-contract-api/lib/logger' {
  import type { Shim } from 'fabric-shim';

  function getLogger(name: string): ReturnType<typeof Shim.newLogger>;
}
