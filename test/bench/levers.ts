/** The variable of the environment that names the levers to be left out; only the benchmark's own service reads it. */
export const WITHOUT = 'FLEXLEDGER_BENCH_WITHOUT';

/** What the chaincode service can leave out. */
export const SERVICE_LEVERS = ['write-batches', 'read-batches', 'direct-calls'] as const;

/** One line of the ablation: what is switched off, and where. */
export interface Ablation {
  readonly name: string;
  readonly title: string;
  /** Levers that the chaincode services leave out. */
  readonly service: readonly (typeof SERVICE_LEVERS)[number][];
  /** Whether the client signs with the gateway library's own signer. */
  readonly librarySigner: boolean;
}

/** What is measured besides everything together. */
export const ABLATIONS: readonly Ablation[] = [
  { name: 'signer', title: "the gateway library's own signer", service: [], librarySigner: true },
  {
    name: 'batches',
    title: 'one message for each row between chaincode and peer',
    service: ['write-batches', 'read-batches'],
    librarySigner: false,
  },
  { name: 'direct', title: 'calls through the contract API', service: ['direct-calls'], librarySigner: false },
];
