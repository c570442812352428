/** The step of a call that failed; each has its own deadline. */
export type GatewayStage = 'evaluate' | 'endorse' | 'submit' | 'commitStatus' | 'events' | 'blocks';

/** What one node behind the gateway said about a failure. */
export interface EndpointDetail {
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
}

/** The gRPC codes that decide what a client may do next. */
export const GrpcCode = {
  CANCELLED: 1,
  UNKNOWN: 2,
  DEADLINE_EXCEEDED: 4,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

const GRPC_NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** The name of a gRPC status code, for people. */
export function grpcCodeName(code: number): string {
  return GRPC_NAMES[code] ?? `code ${code}`;
}

/**
 * A call to the gateway failed. The message always carries what the nodes behind the gateway said, because Fabric's own
 * message ends with "see attached details" and the details are lost as soon as only the message is printed.
 */
export class GatewayFailure extends Error {
  readonly stage: GatewayStage;
  readonly grpcCode: number;
  /** The gateway's own message, without the details. */
  readonly summary: string;
  readonly details: readonly EndpointDetail[];
  /** Known from the endorsement on. */
  readonly transactionId: string | undefined;

  constructor(input: {
    readonly stage: GatewayStage;
    readonly grpcCode: number;
    readonly summary: string;
    readonly details?: readonly EndpointDetail[];
    readonly transactionId?: string | undefined;
    readonly deadlineMs?: number | undefined;
    readonly cause?: unknown;
  }) {
    super(describe(input), { cause: input.cause });
    this.name = 'GatewayFailure';
    this.stage = input.stage;
    this.grpcCode = input.grpcCode;
    this.summary = input.summary;
    this.details = input.details ?? [];
    this.transactionId = input.transactionId;
  }
}

function describe(input: {
  readonly stage: GatewayStage;
  readonly grpcCode: number;
  readonly summary: string;
  readonly details?: readonly EndpointDetail[];
  readonly deadlineMs?: number | undefined;
}): string {
  const expired = input.grpcCode === GrpcCode.DEADLINE_EXCEEDED && input.deadlineMs !== undefined;
  const deadline = expired ? ` (the ${input.stage} deadline of ${input.deadlineMs} ms)` : '';
  const details = (input.details ?? [])
    .map(({ mspId, address, message }) => `${mspId} at ${address}: ${message}`)
    .join('; ');
  return `${input.stage} failed with ${grpcCodeName(input.grpcCode)}${deadline}: ${input.summary}${
    details === '' ? '' : ` [${details}]`
  }`;
}
