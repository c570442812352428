import { GatewayError } from '@hyperledger/fabric-gateway';

/** The failure of a call, which must fail. */
export async function failureOf<T>(call: Promise<T>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the call did not fail');
}

/** All texts of a gateway failure: its own and those of its details. */
export function textsOf(error: Error): string {
  if (!(error instanceof GatewayError)) return error.message;
  return [error.message, ...error.details.map(({ message }) => message)].join('\n');
}
